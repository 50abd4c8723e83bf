/// What one message may hold. Checked before anything is allocated for it; each has its reason.
public enum ContractLimits {
    /// UTF-8 bytes of a script: about ten hours of speech, and still a few milliseconds to split.
    public static let scriptBytesMax = 1 << 20
    /// UTF-8 bytes of a transcript: a minute of speech is about 1 kB.
    public static let transcriptBytesMax = 1 << 16
    /// Bytes of an uploaded sound file: five minutes of 48 kHz stereo float.
    public static let audioBytesMax = 128 << 20
    /// Prompts of one request: no published model knows more than five speakers.
    public static let promptsMax = 16
    /// Frames in one item of a stream: a minute of sound.
    public static let framesPerItemMax = 750
    /// Samples in one item of a stream: 30 s at 48 kHz, above any decoder window.
    public static let samplesPerItemMax = 1 << 21
    /// Frames of prompts or of a whole dialogue: nearly three hours.
    public static let framesMax = 1 << 17
    /// Rows of a token matrix: beyond the positions of any published model.
    public static let rowsMax = 1 << 18
    /// Channels or codebooks; v1.0 has 17.
    public static let channelsMax = 64
    /// Seconds of silence behind the prompts.
    public static let silenceSecondsMax = 30.0
    /// Characters of a name in a voice library.
    public static let voiceNameBytesMax = 256
}
