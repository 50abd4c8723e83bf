import Foundation

/// Which of the published generations a model follows where their files look alike: it decides the text normaliser and how
/// codes become audio.
///
/// Nothing in the published files states it, so it is taken from facts that come with each generation, unless the user says:
/// 1. The codec's checkpoint or configuration is called `MOSS_TTSD_tokenizer…`, or its folder `MOSS_TTSD_Tokenizer…`: v0.7.
/// 2. The language model is fused with its codec (`model_type` `moss_ttsd_with_codec`): v0.7.
/// 3. Anything else: v0.5.
public enum ModelFlavor: String, Sendable, CaseIterable {
    /// Normaliser of v0.5; codes are decoded in plain windows.
    case v05 = "v0.5"
    /// Normaliser of v0.7; codes are decoded behind the prompt's.
    case v07 = "v0.7"

    init(languageModel: LanguageModelFiles, codec: CodecFiles) {
        let names = [codec.weightsFile, codec.configurationFile, codec.folder].map {
            $0.lastPathComponent.lowercased()
        }
        let isFused = (try? languageModel.configuration())?.modelType == "moss_ttsd_with_codec"
        self = isFused || names.contains { $0.hasPrefix("moss_ttsd_tokenizer") } ? .v07 : .v05
    }
}
