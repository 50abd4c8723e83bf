/// The byte door of this room, for fuzzers: whatever the bytes are, the call returns, in bounded time and memory.
package enum AudioFuzz {
    /// Reads the bytes as a sound file and, when they are one, goes the whole way to 16 kHz mono.
    package static func file(_ bytes: [UInt8]) {
        let limits = AudioLimits(bytes: 1 << 20, seconds: 600, channelCount: 16, values: 1 << 21)
        do throws(AudioError) {
            let reader = try AudioReader(bytes: bytes, source: "fuzz", limits: limits)
            let clip = try reader.readAll()
            _ = try clip.mono(at: PromptAudio.sampleRate)
        } catch {
            _ = error.description
        }
    }
}
