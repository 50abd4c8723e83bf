/// Every public method of every service. Docs/Protocol.md has a section for each; a test walks `names`.
public enum Methods {
    public static let tokenize = CallMethod<TokenizeRequest, NoItem, NoItem, TokenizeResponse>("codec.Tokenize")
    public static let detokenize = CallMethod<DetokenizeRequest, NoItem, NoItem, DetokenizeResponse>(
        "codec.Detokenize")
    public static let buildPrompt = CallMethod<BuildPromptRequest, NoItem, NoItem, BuildPromptResponse>(
        "codec.BuildPrompt")
    public static let encode = CallMethod<EncodeRequest, NoItem, NoItem, EncodeResponse>("codec.Encode")
    public static let decode = CallMethod<DecodeRequest, CodesItem, AudioItem, DecodeResponse>("codec.Decode")

    public static let generate = CallMethod<GenerateRequest, NoItem, FramesItem, GenerateResponse>(
        "generator.Generate")

    public static let addVoice = CallMethod<AddVoiceRequest, NoItem, NoItem, VoiceResponse>("voices.Add")
    public static let getVoice = CallMethod<VoiceRequest, NoItem, NoItem, VoiceResponse>("voices.Get")
    public static let listVoices = CallMethod<ListVoicesRequest, NoItem, NoItem, ListVoicesResponse>("voices.List")
    public static let renameVoice = CallMethod<RenameVoiceRequest, NoItem, NoItem, VoiceResponse>("voices.Rename")
    public static let removeVoice = CallMethod<VoiceRequest, NoItem, NoItem, VoiceResponse>("voices.Remove")
    public static let prompts = CallMethod<PromptsRequest, NoItem, NoItem, PromptsResponse>("voices.Prompts")
    public static let storeCodes = CallMethod<StoreCodesRequest, NoItem, NoItem, Done>("voices.StoreCodes")

    public static let speak = CallMethod<SpeakRequest, NoItem, SpeakItem, SpeakResponse>("dialogue.Speak")
    public static let status = CallMethod<StatusRequest, NoItem, NoItem, StatusResponse>("gateway.Status")

    public static let names = [
        tokenize.name, detokenize.name, buildPrompt.name, encode.name, decode.name, generate.name, addVoice.name,
        getVoice.name, listVoices.name, renameVoice.name, removeVoice.name, prompts.name, storeCodes.name, speak.name,
        status.name,
    ]
}
