import Audio
import Testing

@Suite struct StreamedWAVTests {
    /// As a player behind a pipe gets it, whose sound ends where the stream does.
    @Test func `what follows the header is read as its sound, though its size says more`() throws {
        let samples: [Float] = [0, 0.5, -0.5, -1]
        let clip = try AudioClip(
            bytes: StreamedWAV.header(sampleRate: 24_000) + PCM16.bytes(of: samples), source: "a pipe")
        #expect(clip.sampleRate == 24_000)
        #expect(clip.channels == [samples])
    }

    @Test func `the header is that of a file but for its sizes`() throws {
        let sound = try AudioClip(
            bytes: StreamedWAV.header(sampleRate: 16_000) + PCM16.bytes(of: [0.25]), source: "a pipe")
        let file = try sound.encoded(as: .wav)
        let streamed = StreamedWAV.header(sampleRate: 16_000)
        for place in 0..<44 where !(4..<8).contains(place) && !(40..<44).contains(place) {
            #expect(file[place] == streamed[place], "byte \(place)")
        }
    }
}
