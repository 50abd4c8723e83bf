import Benchmarking
import Testing

@Suite struct SamplesTests {
    @Test(arguments: [
        ([3.0], 3.0), ([1.0, 9.0, 2.0], 2.0), ([4.0, 1.0, 3.0, 2.0], 2.5), ([5.0, 5.0, 5.0, 1000.0], 5.0),
    ])
    func takesTheMiddleWhateverTheOrder(values: [Double], median: Double) throws {
        let samples = try #require(Samples(values))
        #expect(samples.median == median)
        #expect(samples.least == values.min())
        #expect(samples.greatest == values.max())
        #expect(samples.repetitions == values.count)
    }

    @Test(arguments: [[], [1.0, Double.nan], [Double.infinity]])
    func areNoneOfNothingAndOfNoNumbers(values: [Double]) { #expect(Samples(values) == nil) }
}

@Suite struct MemoryPeakTests {
    @Test func readsWhatLinuxWrites() {
        #expect(
            MemoryPeak.bytes(inStatus: "Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t  123456 kB\nVmRSS:\t 5 kB\n") == 126_418_944)
    }

    @Test(arguments: ["", "VmHWM:\n", "VmHWM: many kB\n", "VmHWM: 5 MB\n"])
    func isUnknownWhereTheLineIsNotThere(text: String) { #expect(MemoryPeak.bytes(inStatus: text) == nil) }
}
