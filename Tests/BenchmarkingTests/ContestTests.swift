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
        #expect(call(.encode10) == nil, "it has no codec")
        for kind in ContestPeer.llamaCpp.kinds { #expect(call(kind) != nil) }
    }

    @Test func kindsOfSeveralStreamsShareACall() {
        #expect(
            ContestKind.calls(ContestKind.allCases) == [
                [.decode300], [.decode1000], [.prefill512], [.encode10], [.decode30], [.streams8, .streams16],
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
        #expect(throws: UnreadableAnswer.self) {
            try LlamaCpp.answer(Data(output.utf8), of: program, to: [.decode300])
        }
    }
}

/// What the original in PyTorch is asked, and what is read out of the lines of its runner.
@Suite struct PyTorchTests {
    @Test func isAskedForTheWorkOfAKind() {
        #expect(PyTorch.question(.encode10) == "encode 10")
        #expect(PyTorch.question(.decode30) == "decode 30")
        #expect(PyTorch.question(.prefill512) == "prefill 512")
        #expect(PyTorch.question(.decode300) == "steps 24 300")
        #expect(PyTorch.question(.streams8) == nil, "it is measured with one stream alone")
        for kind in ContestPeer.pyTorch.kinds { #expect(PyTorch.question(kind) != nil) }
    }

    @Test(arguments: [
        (BenchmarkPart.codec, "float32", "generator_params"), (.languageModel, "bf16", "num_hidden_layers"),
    ])
    func isToldTheSizesOfTheSubject(part: BenchmarkPart, precision: String, field: String) throws {
        #expect(PyTorch.precisions(of: part).map(\.rawValue).contains(precision))
        let subject = try BenchmarkSubject(model: nil, codec: nil)
        let arguments = try PyTorch.arguments(
            subject, part, #require(PyTorch.Precision(rawValue: precision)), threads: 3)
        #expect(
            arguments.dropLast()
                == ["--part", part.rawValue, "--precision", precision, "--threads", "3", "--configuration"])
        let configuration = try JSONSerialization.jsonObject(with: Data(#require(arguments.last).utf8))
        #expect((configuration as? [String: Any])?[field] != nil)
    }

    @Test func saysItsVersionWhenItIsReady() throws {
        #expect(try PyTorch.build(Data(#"{"software": "PyTorch 2.15.0+cpu"}"#.utf8)) == "2.15.0+cpu")
        for line in ["", "{}", #"{"software": "PyTorch"}"#, #"{"software": "Torch 7"}"#, "Loading…"] {
            #expect(throws: UnreadableAnswer.self) { try PyTorch.build(Data(line.utf8)) }
        }
    }

    @Test func tellsARateALine() throws {
        let answer = try PyTorch.answer(
            Data(#"{"rate": 2.5, "peak_memory_bytes": 1500000000}"#.utf8), to: .encode10)
        #expect(answer == PeerAnswer(rates: [.encode10: 2.5], peakMemoryBytes: 1_500_000_000))
        let silent = try PyTorch.answer(Data(#"{"rate": 30, "peak_memory_bytes": null}"#.utf8), to: .prefill512)
        #expect(silent == PeerAnswer(rates: [.prefill512: 30]))
    }

    @Test(arguments: ["", "a warning", "[]", "{}", #"{"rate": 0}"#, #"{"rate": -1}"#, #"{"rate": NaN}"#])
    func refusesALineWithoutARate(line: String) {
        #expect(throws: UnreadableAnswer.self) { try PyTorch.answer(Data(line.utf8), to: .encode10) }
    }
}

@Suite struct ContestReportTests {
    private func answer(
        _ kind: ContestKind, _ rate: Double, _ peak: Int? = nil, share: Double? = nil
    ) throws -> ContestSampler.Answer {
        let json =
            "{\"kind\":\"\(kind.rawValue)\",\"rate\":\(rate)" + (peak.map { ",\"peakMemoryBytes\":\($0)" } ?? "")
            + (share.map { ",\"shareOfPlainRead\":\($0)" } ?? "") + "}"
        return try JSONDecoder().decode(ContestSampler.Answer.self, from: Data(json.utf8))
    }

    private func report() throws -> ContestReport {
        var report = ContestReport(
            MeasurementFrame(
                software: "1", subject: "a model", processor: "a processor", threads: 2, loadBefore: 0.25,
                machine: MachineFigures(
                    instructionSet: "vnni", bytesReadPerSecond: Samples([20e9]), operationsPerSecond: Samples([400e9]))
            ), repetitions: 3,
            peer: ContestReport.Peer(.llamaCpp, model: "q8_0.gguf"), kinds: [.decode300, .streams8])
        for (rate, share) in [(30.0, 0.95), (24, 0.7), (20, 0.854)] {
            report.add(try answer(.decode300, rate, 1_000_000_000, share: share), precision: "int8")
        }
        for rate in [10.0, 12, 90] {
            report.add(
                PeerAnswer(rates: [.decode300: rate], build: "7 (abc)", peakMemoryBytes: 2_000_000_000))
        }
        report.add(try answer(.streams8, 50, 1_500_000_000), precision: "int8")
        report.add(PeerAnswer(rates: [.streams8: 100]))
        return report
    }

    /// Beside a peer that works in two precisions, which are not the same one's at both kinds.
    private func codecReport() throws -> ContestReport {
        var report = ContestReport(
            MeasurementFrame(
                software: "1", subject: "a model", processor: "a processor", threads: 1, loadBefore: 0.25),
            repetitions: 1, peer: ContestReport.Peer(.pyTorch), kinds: [.encode10, .prefill512, .decode30])
        report.add(try answer(.prefill512, 200, 4_000_000_000), precision: "int8")
        report.add(
            PeerAnswer(
                rates: [.prefill512: 50], precision: "bf16", build: "2.15.0", peakMemoryBytes: 5_000_000_000))
        for (kind, ours, bf16, float32) in [(ContestKind.encode10, 12.0, 3.0, 4.0), (.decode30, 8.0, 2.0, 1.0)] {
            report.add(try answer(kind, ours, 1_200_000_000), precision: "bf16")
            report.add(PeerAnswer(rates: [kind: bf16], precision: "bf16", peakMemoryBytes: 2_000_000_000))
            report.add(PeerAnswer(rates: [kind: float32], precision: "float32", peakMemoryBytes: 3_000_000_000))
        }
        return report
    }

    @Test func aRatioIsAgainstTheFasterOfThePeersPrecisions() throws {
        let report = try codecReport()
        #expect(report.results.map(\.kind) == [.encode10, .prefill512, .decode30])
        #expect(report.results.map(\.ratio) == [3, 4, 4])
        #expect(report.results.map(\.fastest?.precision) == ["float32", "bf16", "bf16"])
        #expect(
            report.text(of: .encode10)
                == "encode 10 s of sound: 12.0 x real time, bf16, "
                + "PyTorch 4.00 x real time, float32 (bf16: 3.00), ratio 3.00")
    }

    @Test func tellsPeopleEachPartWithItsMemory() throws {
        #expect(
            try codecReport().text.split(separator: "\n").map(String.init) == [
                "a model, beside PyTorch 2.15.0: 1 thread, medians of 1 repetition in turn, load 0.250 before",
                "                               colloquy                PyTorch                                 ratio",
                "  prefill, 512 rows            200 rows/s, int8        50.0 rows/s, bf16                       4.00",
                "  peak memory, language model  4.00 GB                 5.00 GB",
                "  encode 10 s of sound         12.0 x real time, bf16  4.00 x real time, float32 (bf16: 3.00)  3.00",
                "  decode 30 s of sound         8.00 x real time, bf16  2.00 x real time, bf16 (float32: 1.00)  4.00",
                "  peak memory, codec           1.20 GB                 2.00 GB, bf16; 3.00 GB, float32",
            ])
    }

    @Test func aRatioIsOfMedians() throws {
        let report = try report()
        #expect(report.results.map(\.ratio) == [2, 0.5])
        #expect(ContestReport.Result(.prefill512).ratio == nil)
    }

    @Test func tellsPeopleEachKindOnALine() throws {
        #expect(
            try report().text.split(separator: "\n").map(String.init) == [
                "a model, beside llama.cpp 7 (abc) with q8_0.gguf: 2 threads, medians of 3 repetitions in turn, "
                    + "load 0.250 before",
                "machine: a processor, vnni",
                "  plain read          20.0 GB/s",
                "  multiply-adds, f32  400 GFLOP/s",
                "                                  colloquy                                  llama.cpp           ratio",
                "  decode at depth 300, 1 stream   24.0 steps/s, int8, 85 % of a plain read  12.0 steps/s        2.00",
                "  decode at depth 300, 8 streams  50.0 steps/s in all, int8                 100 steps/s in all  0.500",
                "  peak memory, language model     1.50 GB                                   2.00 GB",
            ])
    }

    @Test func tellsAKindAsSoonAsBothHaveDoneIt() throws {
        var report = try report()
        #expect(
            report.text(of: .decode300)
                == "decode at depth 300, 1 stream: 24.0 steps/s, int8, 85 % of a plain read, llama.cpp 12.0 steps/s, "
                + "ratio 2.00")
        #expect(report.text(of: .prefill512) == nil, "nobody was asked for it")
        report.results.append(ContestReport.Result(.prefill512))
        report.add(try answer(.prefill512, 200), precision: "int8")
        #expect(report.text(of: .prefill512) == nil, "the peer has not done it yet")
    }

    @Test func survivesTheWayToMachines() throws {
        let report = try report()
        #expect(try JSONDecoder().decode(ContestReport.self, from: JSONEncoder().encode(report)) == report)
    }

    @Test func takesSamplesOfAModelThatIsLoadedOnce() throws {
        let kinds: [ContestKind] = [.prefill512, .streams8, .decode300]
        let sampler = try ContestSampler(
            BenchmarkSubject(model: nil, codec: nil), kinds: kinds, precision: .int4, threads: 1)
        #expect(sampler.ready.precision == "int4")
        #expect(try #require(sampler.ready.weightBytes) > 0)
        for kind in kinds + kinds {
            let answer = try sampler.answer(kind)
            #expect(answer.kind == kind)
            #expect(answer.rate > 0)
            #expect((answer.shareOfPlainRead ?? 0 > 0) == (kind == .decode300), "only a lone row waits for its weights")
        }
        #expect(throws: ContestSampler.Unexpected(kind: .encode10)) { try sampler.answer(.encode10) }
    }

    @Test func takesSamplesOfACodec() throws {
        let sampler = try ContestSampler(
            BenchmarkSubject(model: nil, codec: nil), kinds: [.encode10, .decode30], precision: .int4, threads: 1)
        #expect(sampler.ready.precision == "bf16")
        #expect(sampler.ready.weightBytes == nil)
        for kind in [ContestKind.encode10, .decode30] { #expect(try sampler.answer(kind).rate > 0) }
        #expect(throws: ContestSampler.Unexpected(kind: .decode300)) { try sampler.answer(.decode300) }
    }

    @Test func aProcessMeasuresOnePart() {
        #expect(throws: ContestSampler.Unexpected(kind: .encode10)) {
            try ContestSampler(
                BenchmarkSubject(model: nil, codec: nil), kinds: [.decode300, .encode10], precision: .int4, threads: 1)
        }
    }
}
