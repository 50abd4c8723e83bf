import Benchmarking
import Foundation
import LanguageModel
import Testing

/// The embedded model, as little as can be measured: that every figure comes, not how large it is.
@Suite(.serialized) struct BenchmarkRunTests {
    private let extent = BenchmarkExtent(
        promptRows: 80, depth: 8, steps: 1, streams: [2, 3], encodedSeconds: 1, decodedSeconds: 1, hasReference: true,
        repetitions: 2)

    @Test func measuresTheMachine() throws {
        let report = try BenchmarkPart.machine.run(BenchmarkSubject(model: nil, codec: nil), extent: extent, threads: 1)
        let figures = try #require(report.machine)
        #expect((figures.bytesReadPerSecond?.least ?? 0) > 0)
        #expect((figures.operationsPerSecond?.least ?? 0) > 0)
        // The portable one multiplies none, the first processors of arm64 neither.
        if figures.instructionSet == "scalar" { #expect(figures.byteOperationsPerSecond == nil) }
        if !["scalar", "neon"].contains(figures.instructionSet) { #expect(figures.byteOperationsPerSecond != nil) }
    }

    @Test func measuresTheLanguageModel() throws {
        let report = try BenchmarkPart.languageModel.run(
            BenchmarkSubject(model: nil, codec: nil), extent: extent, threads: 1)
        let figures = try #require(report.languageModel)
        #expect(figures.stepsPerSecond?.repetitions == extent.repetitions)
        #expect(figures.prefillRowsPerSecond?.repetitions == extent.repetitions)
        #expect(figures.streams.map(\.streams) == extent.streams)
        #expect(figures.streams.allSatisfy { ($0.rowsPerSecond?.least ?? 0) > 0 })
        #expect(figures.weightBytes > 0)
        #expect(try #require(report.peakMemoryBytes) > figures.weightBytes)
        #expect(report.codec == nil && report.machine == nil)
    }

    @Test func measuresTheLayers() throws {
        let subject = try BenchmarkSubject(model: nil, codec: nil)
        let report = try BenchmarkPart.layers.run(subject, extent: extent, precision: .int8, threads: 1)
        let figures = try #require(report.layers)
        #expect(figures.multipliesBytes)
        #expect(Set(figures.kinds.map(\.name)).count == 5)
        #expect(figures.kinds.allSatisfy { ($0.seconds?.least ?? 0) > 0 && $0.seconds?.repetitions == 2 })
        // Every weight is in one kind: as many bytes as a step reads.
        let model = try BenchmarkPart.languageModel.run(subject, extent: extent, precision: .int8, threads: 1)
        let oneRow = figures.kinds.filter { $0.rows == 1 }
        #expect(oneRow.reduce(0) { $0 + $1.weightBytes } == model.languageModel?.weightBytes)
        for kind in figures.kinds {
            let single = try #require(oneRow.first { $0.name == kind.name })
            #expect(kind.operations == kind.rows * single.operations)
        }
    }

    @Test func measuresTheCodec() throws {
        let report = try BenchmarkPart.codec.run(BenchmarkSubject(model: nil, codec: nil), extent: extent, threads: 1)
        let figures = try #require(report.codec)
        for samples in [figures.encodeSeconds, figures.decodeSeconds, figures.referencedDecodeSeconds] {
            #expect(samples?.repetitions == extent.repetitions)
            #expect((samples?.least ?? 0) > 0)
        }
    }

    @Test(arguments: BenchmarkSubject.Published.allCases)
    func estimatesMemoryBeforeItIsTaken(published: BenchmarkSubject.Published) {
        let subject = BenchmarkSubject(randomWeights: published)
        let quick = subject.memoryEstimate(extent: .quick)
        #expect(quick > 1 << 30)
        #expect(subject.memoryEstimate(extent: .full) >= quick)
    }
}
