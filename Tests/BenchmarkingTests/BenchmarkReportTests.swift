import Benchmarking
import Foundation
import Testing

@Suite struct BenchmarkReportTests {
    private let machine = MachineFigures(
        instructionSet: "avx512", bytesReadPerSecond: Samples([10e9, 20e9, 5e9]),
        operationsPerSecond: Samples([400e9, 1e9]))
    private let languageModel = LanguageModelFigures(
        precision: "bf16", frameRate: 12.5, loadSeconds: 1, weightBytes: 2_000_000_000, operationsPerRow: 1_000_000_000,
        promptRows: 512, depth: 300, prefillRowsPerSecond: Samples([100]), stepsPerSecond: Samples([5]),
        streams: [LanguageModelFigures.Streams(streams: 4, rowsPerSecond: Samples([25]))])
    private let codec = CodecFigures(
        precision: "f32",
        loadSeconds: 1, encodedSeconds: 10, encodeSeconds: Samples([2]), decodedSeconds: 30,
        decodeSeconds: Samples([6]), referencedDecodeSeconds: nil)

    private var report: BenchmarkReport {
        var report = BenchmarkReport(
            MeasurementFrame(
                software: "1", subject: "a model", processor: "a processor", threads: 2, loadBefore: 0.25),
            repetitions: 3)
        var parts = BenchmarkPart.usual.map(PartReport.init)
        for index in parts.indices {
            parts[index].peakMemoryBytes = 1_000_000_000
            switch parts[index].part {
            case .machine: parts[index].machine = machine
            case .languageModel: parts[index].languageModel = languageModel
            case .codec: parts[index].codec = codec
            case .layers: break
            }
            report.add(parts[index])
        }
        return report
    }

    @Test func countsRealTimeAsOne() {
        #expect(languageModel.realTimeFactor(rowsPerSecond: 12.5) == 1)
        #expect(languageModel.realTimeFactor(rowsPerSecond: 25, streams: 4) == 2)
    }

    @Test func comparesWithWhatTheMachineAllows() {
        #expect(languageModel.bandwidthShare(stepsPerSecond: 5, machine: machine) == 0.5)
        #expect(languageModel.arithmeticShare(rowsPerSecond: 100, machine: machine)?.share == 0.25)
        let unknown = MachineFigures(instructionSet: "", bytesReadPerSecond: nil, operationsPerSecond: nil)
        #expect(languageModel.bandwidthShare(stepsPerSecond: 5, machine: unknown) == nil)
        #expect(languageModel.arithmeticShare(rowsPerSecond: 100, machine: unknown) == nil)
    }

    @Test func packedWeightsAreMeasuredAgainstProductsOfBytes() {
        var packed = languageModel
        packed.multipliesBytes = true
        let narrow = packed.arithmeticShare(rowsPerSecond: 100, machine: machine)
        #expect(narrow?.share == 0.25)
        #expect(narrow?.numbers == "f32", "no such product")
        var tiled = machine
        tiled.byteOperationsPerSecond = Samples([800e9])
        tiled.bfloat16OperationsPerSecond = Samples([600e9])
        #expect(packed.arithmeticShare(rowsPerSecond: 100, machine: tiled)?.share == 0.125)
        #expect(languageModel.arithmeticShare(rowsPerSecond: 100, machine: tiled)?.share == 0.25)
        var report = report
        report.frame.machine = tiled
        report.languageModel = packed
        let lines = report.text.split(separator: "\n").map(String.init)
        #expect(lines.contains("  multiply-adds, bf16  600 GFLOP/s"))
        #expect(lines.contains("  multiply-adds, int8  800 GOP/s"))
        #expect(lines.contains { $0.hasSuffix("12 % of the multiply-adds, int8") })
    }

    @Test func tellsPeopleEachFigureOnALine() {
        let lines = report.text.split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "a model: 2 threads, medians of 3 alternating repetitions, load 0.250 before",
                "machine: a processor, avx512",
                "  plain read          20.0 GB/s",
                "  multiply-adds, f32  400 GFLOP/s",
                "language model, bf16: peak memory 1.00 GB",
                "  load                            1.00 s",
                "  prefill, 512 rows               100 rows/s                                       25 % of the multiply-adds, f32",
                "  decode at depth 300, 1 stream   5.00 steps/s         real-time factor 2.50       50 % of the plain read",
                "  decode at depth 300, 4 streams  25.0 steps/s in all  real-time factor 2.00 each",
                "codec, f32: peak memory 1.00 GB",
                "  encode 10.0 s  2.00 s  real-time factor 0.200",
                "  decode 30.0 s  6.00 s  real-time factor 0.200",
            ])
    }

    @Test func tellsWhatALayerReadsAndComputes() {
        var report = BenchmarkReport(
            MeasurementFrame(software: "1", subject: "a model", processor: "a processor", threads: 1, loadBefore: 0),
            repetitions: 3)
        var part = PartReport(part: .machine)
        part.machine = machine
        part.machine?.byteOperationsPerSecond = Samples([1e12])
        report.add(part)
        part = PartReport(part: .layers)
        part.layers = LayerFigures(
            precision: "int8", multipliesBytes: true,
            kinds: [
                .init(
                    name: "gate, up", rows: 8, weightBytes: 500_000_000, operations: 8_000_000_000,
                    seconds: Samples([0.05, 0.01, 0.9])),
                .init(name: "down", rows: 8, weightBytes: 1, operations: 1, seconds: nil),
            ])
        report.add(part)
        #expect(
            report.text.split(separator: "\n").suffix(3).map(String.init) == [
                "layers, int8",
                "            rows  weights  operations  time     read                               computed",
                "  gate, up  8     500 MB   8.00 G      50.0 ms  10.0 GB/s  50 % of the plain read  160 GOP/s  "
                    + "16 % of the multiply-adds, int8",
            ])
    }

    @Test func survivesTheWayBetweenProcesses() throws {
        let copy = try JSONDecoder().decode(BenchmarkReport.self, from: JSONEncoder().encode(report))
        #expect(copy == report)
    }
}
