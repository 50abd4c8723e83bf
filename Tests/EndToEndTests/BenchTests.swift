import Foundation
import TestSupport
import Testing

/// `colloquy bench` beside a peer that only says what it was asked: who is measured when, and what is told of it; and what it
/// tells of a whole dialogue.
@Suite struct BenchTests {
    /// Programs with the names of llama.cpp's, which note every call and answer as those do.
    private struct Peer {
        let folder: String
        let model: String

        init(_ home: Home, benchEnds status: Int = 0) throws {
            folder = home.path("peer")
            model = home.path("q.gguf")
            let files = FileManager.default
            try files.createDirectory(atPath: folder + "/bin", withIntermediateDirectories: true)
            try Data().write(to: URL(filePath: model))
            let options =
                #"while [ $# -gt 0 ]; do case $1 in -p) p=$2;; -n) n=$2;; -d) d=$2;; -npl) npl=$2;; esac; shift; done"#
            let bench = """
                #!/bin/sh
                echo "bench $*" >>'\(folder)/calls'
                echo "many words" >&2
                \(options)
                echo "[{\\"build_commit\\": \\"abc\\", \\"build_number\\": 7, \\"n_prompt\\": $p, \\"n_gen\\": $n, \
                \\"n_depth\\": ${d:-0}, \\"avg_ts\\": 0.5}]"
                exit \(status)
                """
            let batched = """
                #!/bin/sh
                echo "batched $*" >>'\(folder)/calls'
                \(options)
                for pl in $(echo $npl | tr , ' '); do
                    echo "{\\"pp\\": 300, \\"tg\\": 16, \\"pl\\": $pl, \\"speed_tg\\": 0.25}"
                done
                """
            for (name, text) in [("llama-bench", bench), ("bin/llama-batched-bench", batched)] {
                try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
                try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/\(name)")
            }
        }

        var calls: [String] {
            ((try? String(contentsOfFile: folder + "/calls", encoding: .utf8)) ?? "").split(separator: "\n").map(
                String.init)
        }
    }

    @Test func aContestMeasuresBothInTurn() async throws {
        let home = try Home()
        let peer = try Peer(home)
        let outcome = try await home.colloquy(
            "bench", "--against", "llama.cpp=\(peer.folder)", "--peer-model", "int4=\(peer.model)", "--peer-model",
            "int8=\(peer.model)", "--precision", "int4", "--only", "streams-16,decode-300,streams-8", "--repetitions",
            "2",
            "--threads", "1", "--json")
        try #require(outcome.isSuccess, "\(outcome.errors)")
        let report = try JSONDecoder().decode(JSONValue.self, from: Data(outcome.output.utf8))
        #expect(report["peer"]["build"].string == "7 (abc)")
        let results = report["results"].array
        #expect(results.compactMap { $0["kind"].string } == ["streams-16", "decode-300", "streams-8"])
        for result in results {
            #expect(result["ours"]["precision"].string == "int4")
            #expect(result["ours"]["rates"].array.count == 2)
            #expect(result["theirs"].array.map { $0["rates"].array.count } == [2])
        }
        let one = "bench -m \(peer.model) -t 1 -p 0 -n 24 -d 300 -r 1 -o json"
        let several =
            "batched -m \(peer.model) -t 1 -c 6200 -npp 300 -ntg 16 -npl 16,8 --output-format jsonl"
        #expect(peer.calls == [one, one, several, several])
    }

    @Test func aContestIsToldInWordsForEveryPrecisionOfThePeer() async throws {
        let home = try Home()
        let peer = try Peer(home)
        let outcome = try await home.colloquy(
            "bench", "--against", "llama.cpp=\(peer.folder)", "--peer-model", "int8=\(peer.model)", "--peer-model",
            "int4=\(peer.model)", "--only", "decode-300", "--repetitions", "1", "--threads", "1")
        try #require(outcome.isSuccess, "\(outcome.errors)")
        for precision in ["int8", "int4"] {
            #expect(
                outcome.output.contains(" steps/s, \(precision), "), "\(outcome.output)")
        }
        #expect(outcome.output.contains("colloquy-demo, beside llama.cpp 7 (abc) with q.gguf: 1 thread"))
        #expect(outcome.output.contains("0.500 steps/s"))
        #expect(
            outcome.errors.contains("colloquy bench: decode at depth 300, 1 stream: ")
                && outcome.errors.contains("llama.cpp 0.500 steps/s, ratio "), "each kind is told as it ends")
    }

    @Test func aDialogueIsTimedThroughASuiteOfItsOwn() async throws {
        let home = try Home()
        let outcome = try await home.colloquy("bench", "--dialogue", "--repetitions", "2", "--threads", "1", "--json")
        try #require(outcome.isSuccess, "\(outcome.errors)")
        let report = try JSONDecoder().decode(JSONValue.self, from: Data(outcome.output.utf8))
        #expect(report["precision"].string == "bf16")
        #expect(report["prompt_rows"].int ?? 0 > 125, "two voices of 5 s are in the prompt")
        #expect(report["samples"].array.count == 2)
        #expect(report["early_samples"].array.count == 2)
        for sample in report["samples"].array + report["early_samples"].array {
            #expect(try #require(sample["stalled_seconds"].double) >= 0)
            let first = try #require(sample["first_audio_seconds"].double)
            #expect(first > 0)
            #expect(try #require(sample["wall_seconds"].double) >= first)
            let sound = try #require(sample["sound_seconds"].double)
            #expect(sound > 0 && sound <= 10)
        }
        #expect(Set(report["peak_memory_bytes"].object.keys) == ["gateway", "voices", "codec", "generator"])
        // The user's own library knows nothing of it.
        let voices = try await home.colloquy("voices")
        #expect(voices.isSuccess && !voices.output.contains("bench"), "\(voices.errors)")
    }

    @Test func saysWhatIsMissingAndWhatFailed() async throws {
        let home = try Home()
        let peer = try Peer(home, benchEnds: 3)
        func contest(_ folder: String, _ model: String) async throws -> Command.Outcome {
            try await home.colloquy(
                "bench", "--against", "llama.cpp=\(folder)", "--peer-model", "int8=\(model)", "--only", "decode-300",
                "--repetitions", "1", "--threads", "1")
        }
        let failed = try await contest(peer.folder, peer.model)
        #expect(failed.exitCode == 69)
        #expect(
            failed.errors.contains("llama-bench -m \(peer.model)") && failed.errors.contains("status 3: many words"))
        let nowhere = try await contest(home.path("none"), peer.model)
        #expect(nowhere.exitCode == 66)
        #expect(nowhere.errors.contains("\(home.path("none"))/llama-bench is not there"), "\(nowhere.errors)")
        let modelless = try await contest(peer.folder, home.path("none.gguf"))
        #expect(modelless.exitCode == 66)
        #expect(modelless.errors.contains("none.gguf cannot be read"), "\(modelless.errors)")
        for two in [["--kernels", "--dialogue"], ["--keep", "folder"], ["--repetitions", "2"]] {
            let refused = try await Command("colloquy", ["bench"] + two, home.environment).run()
            #expect(refused.exitCode == 64, "\(refused.errors)")
        }
        let alone = try await home.colloquy("bench", "--against", "llama.cpp=\(peer.folder)")
        #expect(alone.exitCode == 64)
        #expect(alone.errors.contains("--peer-model"), "\(alone.errors)")
    }
}
