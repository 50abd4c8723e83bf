import Benchmarking
import Foundation
import LanguageModel
import Testing

/// What llama.cpp is asked, and what is read out of its answers; shapes as its own programs write them.
@Suite struct LlamaCppTests {
    private func call(_ kinds: ContestKind...) -> String? {
        LlamaCpp.call(kinds, model: "m.gguf", threads: 2).map {
            "\($0.program.rawValue) \($0.arguments.joined(separator: " "))"
        }
    }

    @Test func isAskedForTheWorkOfAKind() {
        #expect(call(.decode300) == "llama-bench -m m.gguf -t 2 -p 0 -n 24 -d 300 -r 1 -o json")
        #expect(call(.decode1000) == "llama-bench -m m.gguf -t 2 -p 0 -n 24 -d 1000 -r 1 -o json")
        #expect(call(.prefill512) == "llama-bench -m m.gguf -t 2 -p 512 -n 0 -r 1 -o json")
        #expect(
            call(.streams8, .streams16)
                == "llama-batched-bench -m m.gguf -t 2 -c 6200 -npp 300 -ntg 16 -npl 8,16 --output-format jsonl")
        #expect(call() == nil)
    }

    @Test func kindsOfSeveralStreamsShareACall() {
        #expect(
            ContestKind.calls(ContestKind.allCases) == [
                [.decode300], [.decode1000], [.prefill512], [.streams8, .streams16],
            ])
        #expect(ContestKind.calls([.streams16]) == [[.streams16]])
    }

    private static let bench = """
        [
          {
            "build_commit": "a1b2c3d", "build_number": 6713, "cpu_info": "a processor", "n_threads": 2,
            "n_prompt": 0, "n_gen": 24, "n_depth": 300, "avg_ns": 1052631578, "avg_ts": 22.8, "stddev_ts": 0.0,
            "samples_ns": [ 1052631578 ], "samples_ts": [ 22.8 ]
          }
        ]
        """

    @Test func tellsOneSequencesRateAsATest() throws {
        let answer = try LlamaCpp.answer(Data(Self.bench.utf8), of: .bench, to: [.decode300])
        #expect(answer.rates == [.decode300: 22.8])
        #expect(answer.build == "6713 (a1b2c3d)")
    }

    @Test func tellsSeveralSequencesRatesLineByLine() throws {
        let output = """
            something for people
            {"n_kv_max": 6200, "pp": 300, "tg": 16, "pl": 8, "t_tg": 3.5, "speed_tg": 36.4, "t": 40.0, "speed": 63.0}
            {"n_kv_max": 6200, "pp": 300, "tg": 16, "pl": 16, "t_tg": 5.5, "speed_tg": 46.5, "t": 80.0, "speed": 63.0}

            """
        let answer = try LlamaCpp.answer(Data(output.utf8), of: .batchedBench, to: [.streams8, .streams16])
        #expect(answer.rates == [.streams8: 36.4, .streams16: 46.5])
        #expect(answer.build == nil)
    }

    @Test(arguments: [
        ("", LlamaCpp.Program.bench), ("[]", .bench), ("no JSON", .bench), (bench, .batchedBench),
        ("{}\n", .batchedBench),
        (bench.replacing("300", with: "200"), .bench), (bench.replacing("22.8", with: "0"), .bench),
        (bench.replacing("22.8", with: "-1"), .bench),
    ])
    func refusesAnAnswerWithoutTheRate(output: String, program: LlamaCpp.Program) {
        #expect(throws: LlamaCpp.Unreadable.self) {
            try LlamaCpp.answer(Data(output.utf8), of: program, to: [.decode300])
        }
    }
}

@Suite struct ContestReportTests {
    private func answer(_ kind: ContestKind, _ rate: Double, _ peak: Int? = nil) throws -> ContestSampler.Answer {
        let json =
            "{\"kind\":\"\(kind.rawValue)\",\"rate\":\(rate)" + (peak.map { ",\"peakMemoryBytes\":\($0)" } ?? "") + "}"
        return try JSONDecoder().decode(ContestSampler.Answer.self, from: Data(json.utf8))
    }

    private func report() throws -> ContestReport {
        var report = ContestReport(
            software: "1", subject: "a model", processor: "a processor", threads: 2, repetitions: 3, loadBefore: 0.25,
            machine: MachineFigures(
                instructionSet: "vnni", bytesReadPerSecond: Samples([20e9]), operationsPerSecond: Samples([400e9])),
            precision: "int8", peer: ContestReport.Peer(name: "llama.cpp", model: "q8_0.gguf"),
            kinds: [.decode300, .streams8])
        for rate in [30.0, 24, 20] { report.add(try answer(.decode300, rate, 1_000_000_000)) }
        for rate in [10.0, 12, 90] {
            report.add(LlamaCpp.Answer(rates: [.decode300: rate], build: "7 (abc)"), peakMemoryBytes: 2_000_000_000)
        }
        report.add(try answer(.streams8, 50, 1_500_000_000))
        report.add(LlamaCpp.Answer(rates: [.streams8: 100], build: nil), peakMemoryBytes: nil)
        return report
    }

    @Test func aRatioIsOfMedians() throws {
        let report = try report()
        #expect(report.results.map(\.ratio) == [2, 0.5])
        #expect(ContestReport.Result(.prefill512).ratio == nil)
    }

    @Test func tellsPeopleEachKindOnALine() throws {
        #expect(
            try report().text.split(separator: "\n").map(String.init) == [
                "a model in int8, beside llama.cpp 7 (abc) with q8_0.gguf: 2 threads, medians of 3 repetitions in turn, "
                    + "load 0.250 before",
                "machine: a processor, vnni",
                "  plain read          20.0 GB/s",
                "  multiply-adds, f32  400 GFLOP/s",
                "                                  colloquy             llama.cpp           ratio",
                "  decode at depth 300, 1 stream   24.0 steps/s         12.0 steps/s        2.00",
                "  decode at depth 300, 8 streams  50.0 steps/s in all  100 steps/s in all  0.500",
                "  peak memory                     1.50 GB              2.00 GB",
            ])
    }

    @Test func tellsAKindAsSoonAsBothHaveDoneIt() throws {
        var report = try report()
        #expect(
            report.text(of: .decode300)
                == "decode at depth 300, 1 stream: 24.0 steps/s, llama.cpp 12.0 steps/s, ratio 2.00")
        #expect(report.text(of: .prefill512) == nil, "nobody was asked for it")
        report.results.append(ContestReport.Result(.prefill512))
        report.add(try answer(.prefill512, 200))
        #expect(report.text(of: .prefill512) == nil, "the peer has not done it yet")
    }

    @Test func survivesTheWayToMachines() throws {
        let report = try report()
        #expect(try JSONDecoder().decode(ContestReport.self, from: JSONEncoder().encode(report)) == report)
    }

    @Test func takesSamplesOfAModelThatIsLoadedOnce() throws {
        let kinds: [ContestKind] = [.prefill512, .streams8]
        let sampler = try ContestSampler(
            BenchmarkSubject(model: nil, codec: nil), kinds: kinds, precision: .int4, threads: 1)
        #expect(sampler.ready.precision == "int4")
        #expect(sampler.ready.weightBytes > 0)
        for kind in kinds + kinds {
            let answer = sampler.answer(kind)
            #expect(answer.kind == kind)
            #expect(answer.rate > 0)
        }
    }
}
