import Audio
import Testing

@Suite struct AudioFormatTests {
    @Test(arguments: AudioFormat.allCases)
    func namesAreReadBackInEitherCase(format: AudioFormat) throws {
        #expect(try AudioFormat(name: format.rawValue) == format)
        #expect(try AudioFormat(name: format.rawValue.uppercased()) == format)
    }

    @Test(arguments: ["", "aac", "wav ", "WAVE", "🎵"])
    func anUnknownNameIsToldWhatIsAllowed(name: String) {
        let error = #expect(throws: AudioError.unknownFormat(name: name)) { try AudioFormat(name: name) }
        for format in AudioFormat.allCases { #expect(error?.description.contains(format.rawValue) == true) }
    }

    @Test(arguments: [
        ("a.wav", AudioFormat.wav), ("dir.mp3/A.WAV", .wav), ("a.b.flac", .flac), ("a.opus", .opus), ("a.ogg", .opus),
        ("a.oga", .opus), ("/x/a.mp3", .mp3), ("a.wave", .wav),
    ])
    func theExtensionNamesTheFormat(path: String, format: AudioFormat) throws {
        #expect(try AudioFormat(path: path) == format)
    }

    @Test(arguments: ["wav", "a", "a.", "a.txt", "a.wav/b", ""])
    func otherExtensionsNameNone(path: String) {
        #expect(throws: AudioError.unknownFormat(name: path)) { try AudioFormat(path: path) }
    }

    @Test(arguments: AudioFormat.allCases)
    func theOwnExtensionLeadsBack(format: AudioFormat) throws {
        let found = try AudioFormat(path: "out." + format.fileExtension)
        #expect(found == format || (format == .wavFloat && found == .wav))
        #expect(format.mediaType.hasPrefix("audio/"))
    }

    @Test func aRateIsKeptOrRaisedToTheNextThatTheEncoderTakes() {
        #expect(AudioFormat.allCases.map { $0.encodedRate(for: 24_000) } == [24_000, 24_000, 24_000, 24_000, 24_000])
        #expect(AudioFormat.allCases.map { $0.encodedRate(for: 32_000) } == [32_000, 32_000, 32_000, 48_000, 32_000])
        #expect(AudioFormat.allCases.map { $0.encodedRate(for: 22_051) } == [22_051, 22_051, 22_051, 24_000, 24_000])
        #expect(AudioFormat.allCases.map { $0.encodedRate(for: 96_001) } == [96_001, 96_001, 96_010, 48_000, 48_000])
    }
}
