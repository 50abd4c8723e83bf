import Audio
import Foundation
import TestSupport
import Testing

@Suite struct MixingTests {
    @Test func monoIsTheMeanOfTheChannels() throws {
        let clip = try AudioClip(sampleRate: 16_000, channels: [[1, 0.5, -1], [0, 0.5, 1], [0.5, 0.5, 0]])
        #expect(clip.averaged().channels == [[0.5, 0.5, 0]])
        for order in MonoOrder.allCases { #expect(try clip.mono(at: 16_000, order: order) == [0.5, 0.5, 0]) }
    }

    /// The order is rounding only, but rounding it is: a codec may choose another code for it.
    @Test func theOrdersDifferByRoundingOnly() throws {
        let clip = try AudioClip(
            sampleRate: 44_100, channels: (0..<3).map { TestSounds.noise(5000, seed: UInt64($0 + 20)) })
        let first = try clip.mono(at: 16_000, order: .resampleThenAverage)
        let second = try clip.mono(at: 16_000, order: .averageThenResample)
        #expect(first != second)
        #expect(Closeness(first, second).within(absolute: 1e-6))
    }

    @Test func aFileAndItsBytesLoadAlike() throws {
        let scratch = try ScratchFolder()
        let path = scratch.url.appending(path: "in.wav").path
        let clip = try AudioClip(
            sampleRate: 22_050, channels: (0..<2).map { TestSounds.noise(3000, seed: UInt64($0 + 30)) })
        try clip.write(path: path, format: .wavFloat)
        let bytes = try clip.encoded(as: .wavFloat)
        for order in MonoOrder.allCases {
            let expected = try clip.mono(at: 16_000, order: order)
            #expect(try PromptAudio.loadMono16k(path: path, order: order) == expected)
            #expect(try PromptAudio.loadMono16k(bytes: bytes, order: order) == expected)
        }
    }

    @Test func speakersFollowEachOtherWithNothingBetween() {
        #expect(PromptAudio.merged([[1, 2], [], [3]]) == [1, 2, 3])
        #expect(PromptAudio.merged([]) == [])
    }

    @Test(arguments: [(0.0, 0), (0.1, 1600), (0.00006, 0), (0.0000625, 1), (2.5, 40_000)])
    func silenceIsCutDownToWholeSamples(seconds: Double, count: Int) throws {
        let silent = try PromptAudio.appendingSilence(seconds: seconds, to: [0.5])
        #expect(silent == [0.5] + [Float](repeating: 0, count: count))
    }

    @Test(arguments: [-0.001, .nan, .infinity, 86_401, 1e300])
    func whatIsNoDurationIsRefused(seconds: Double) {
        func isRefused(_ body: () throws -> Void) -> Bool {
            do { try body() } catch AudioError.invalidDuration { return true } catch { return false }
            return false
        }
        #expect(isRefused { _ = try PromptAudio.appendingSilence(seconds: seconds, to: []) })
        #expect(isRefused { _ = try Crossfade.join([], seconds: seconds, sampleRate: 16_000) })
        #expect(isRefused { _ = try Padding.fit([], seconds: seconds, sampleRate: 16_000) })
    }

    /// The two ramps add up to one, so what both sides agree on is left alone.
    @Test(arguments: [0, 1, 2, 3, 10, 99])
    func aFadeBetweenEqualSoundsIsNotHeard(overlap: Int) {
        var joined = [Float](repeating: 0.75, count: 100)
        Crossfade.append([Float](repeating: 0.75, count: 100), to: &joined, overlap: overlap)
        #expect(joined.count == 200 - overlap)
        #expect(joined.allSatisfy { abs($0 - 0.75) < 1e-6 })
    }

    @Test func aFadeRunsFromAllOfOneToAllOfTheOther() {
        var joined: [Float] = [1, 1, 1, 1, 1, 1]
        Crossfade.append([0, 0, 0, 0, 0, 0], to: &joined, overlap: 5)
        #expect(joined == [1, 1, 0.75, 0.5, 0.25, 0, 0])
        var short: [Float] = [1]
        Crossfade.append([0, 0], to: &short, overlap: 5)
        #expect(short == [1, 0], "a fade of one sample keeps the earlier piece")
    }

    @Test func fittingToACountCutsOrFills() {
        #expect(Padding.fit([1, 2, 3], count: 2) == [1, 2])
        #expect(Padding.fit([1, 2, 3], count: 5) == [1, 2, 3, 0, 0])
        #expect(Padding.fit([1, 2, 3], count: -1) == [])
    }
}
