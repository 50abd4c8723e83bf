/// What a library takes; each bound has its reason beside it.
public struct LibraryLimits: Equatable, Sendable {
    /// A search reads the names and transcripts of all voices: at this number a few megabytes, a few milliseconds.
    public var voices = 10_000
    /// A prompt's file. 30 s, the longest prompt, of 32-bit stereo at 96 kHz take 23 MB.
    public var audioBytes = 32 << 20
    /// Unicode scalars of a transcript. 30 s of quick speech are some 600 letters; a longer text belongs to other sound.
    public var transcriptScalars = 2_000
    /// Voices of one cast. Models know two speakers, newer ones five; the rest is room for later ones.
    public var castVoices = 16
    /// Casts whose joined codes are kept. They are a cache, so the oldest are dropped past either bound and made again
    /// when they are needed: at 30 KB for a usual pair, this number fills a quarter of the bytes.
    public var casts = 2_000
    public var castCodeBytes = 256 << 20
    /// One array of codes: twenty times what 270 s take in 8 codebooks at 12.5 frames/s.
    public var codeBytes = 1 << 20
    public var codebooks = 64
    /// Codecs for which a voice's own codes are kept; the one stored longest ago goes first.
    public var codecsPerVoice = 8
    /// Silence between a cast's prompts and what is spoken. The longest known use is 5 s.
    public var silenceSeconds = 0.0...30.0
    /// Voices of one page of a listing, so that an answer stays far below the size of a message.
    public var pageVoices = 500
    /// Unicode scalars of a search; no name is longer, and nobody types more.
    public var searchScalars = 256

    public init() {}
}
