import Foundation
import TestSupport
import Testing

/// `colloquy bench --against pytorch=FOLDER`, and the scripts that make FOLDER, as far as they go without PyTorch.
@Suite struct PyTorchPeerTests {
    /// A runner of PyTorch with its lines, but nothing behind them.
    private struct Original {
        let folder: String

        /// - Parameter answer: What it says to every question.
        init(_ home: Home, answer: String = #"{"rate": 0.5, "peak_memory_bytes": 1000}"#) throws {
            folder = home.path("original")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let text = """
                #!/bin/sh
                part=$2 precision=$4
                echo "$part $precision --threads $6 --configuration $(echo "$8" | wc -w)" >>'\(folder)/calls'
                echo '{"software": "PyTorch 9.9"}'
                while read -r question; do
                    echo "$part $precision: $question" >>'\(folder)/calls'
                    echo '\(answer)'
                done
                """
            try text.write(toFile: "\(folder)/pytorch-sampler", atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: "\(folder)/pytorch-sampler")
        }

        var calls: [String] {
            ((try? String(contentsOfFile: folder + "/calls", encoding: .utf8)) ?? "").split(separator: "\n").map(
                String.init)
        }
    }

    @Test func theOriginalIsLoadedOnceForEachPrecisionAndAskedInTurnWithUs() async throws {
        let home = try Home()
        let original = try Original(home)
        let outcome = try await home.colloquy(
            "bench", "--against", "pytorch=\(original.folder)", "--only", "prefill-512,encode-10", "--repetitions", "2",
            "--threads", "1", "--json")
        try #require(outcome.isSuccess, "\(outcome.errors)")
        let report = try JSONDecoder().decode(JSONValue.self, from: Data(outcome.output.utf8))
        #expect(report["peer"]["name"].string == "PyTorch")
        #expect(report["peer"]["build"].string == "9.9")
        let results = report["results"].array
        #expect(results.compactMap { $0["kind"].string } == ["prefill-512", "encode-10"])
        for (result, precisions) in zip(results, [["bf16"], ["bf16", "float32"]]) {
            #expect(result["ours"]["rates"].array.count == 2)
            #expect(result["theirs"].array.compactMap { $0["precision"].string } == precisions)
            for series in result["theirs"].array {
                #expect(series["rates"].array.compactMap(\.double) == [0.5, 0.5])
                #expect(series["peak_memory_bytes"].int == 1000)
            }
        }
        let calls = original.calls
        let starts = calls.filter { !$0.contains(":") }
        #expect(starts.count == 3, "\(calls)")
        #expect(starts.allSatisfy { $0.contains("--threads 1 --configuration ") && !$0.hasSuffix(" 0") }, "\(starts)")
        #expect(
            calls.filter { $0.contains(":") } == [
                "language-model bf16: prefill 512", "language-model bf16: prefill 512", "codec bf16: encode 10",
                "codec float32: encode 10", "codec bf16: encode 10", "codec float32: encode 10",
            ])
        let told = "PyTorch 0.500 x real time, bf16 (float32: 0.500), ratio "
        #expect(outcome.errors.contains(told), "\(outcome.errors)")
    }

    @Test func saysWhatIsWrongWithAPeer() async throws {
        let home = try Home()
        let original = try Original(home, answer: "a warning")
        func contest(_ arguments: [String]) async throws -> Command.Outcome {
            try await Command(
                "colloquy", ["bench", "--repetitions", "1", "--threads", "1", "--against"] + arguments,
                home.environment
            ).run()
        }
        let strange = try await contest(["pytorch=\(original.folder)", "--only", "encode-10"])
        #expect(strange.exitCode == 65)
        #expect(strange.errors.contains("build-pytorch") && strange.errors.contains("a warning"), "\(strange.errors)")
        try "#!/bin/sh\nexit 1\n".write(
            toFile: original.folder + "/pytorch-sampler", atomically: false, encoding: .utf8)
        let gone = try await contest(["pytorch=\(original.folder)", "--only", "encode-10"])
        #expect(gone.exitCode == 69)
        #expect(gone.errors.contains("pytorch-sampler ended before it was done"), "\(gone.errors)")
        let nowhere = try await contest(["pytorch=\(home.path("none"))"])
        #expect(nowhere.exitCode == 66)
        #expect(nowhere.errors.contains("Compose/peers/build-pytorch FOLDER --source DIR"), "\(nowhere.errors)")
        for (arguments, words) in [
            (["vllm=folder"], "no such peer: vllm; give it as llama.cpp=FOLDER or pytorch=FOLDER"),
            (["pytorch"], "give it as llama.cpp=FOLDER or pytorch=FOLDER"),
            (["pytorch=f", "--only", "streams-8"], "streams-8 goes with --against llama.cpp=FOLDER"),
            (["pytorch=f", "--only", "sing"], "no such kind: sing; there are decode-300"),
            (["pytorch=f", "--only", "encode-10,encode-10"], "name each kind once"),
            (["pytorch=f", "--peer-model", "int8=f"], "--peer-model goes with llama.cpp"),
            (
                ["llama.cpp=f", "--peer-model", "int8=f", "--only", "encode-10"],
                "encode-10 goes with --against pytorch=FOLDER"
            ),
        ] {
            let refused = try await contest(arguments)
            #expect(refused.exitCode == 64, "\(arguments): \(refused.errors)")
            #expect(refused.errors.contains(words), "\(arguments): \(refused.errors)")
        }
    }

    private func script(_ name: String, _ arguments: [String], _ home: Home) async throws -> Command.Outcome {
        let path = SharedFolder.packageRoot.appending(path: "Compose/peers/\(name)").standardizedFileURL.path
        return try await Command(path, arguments, home.environment).run()
    }

    @Test func theFolderIsMadeForASourceThatIsThere() async throws {
        let home = try Home()
        let source = home.path("the original's source")
        let folder = home.path("peer")
        let usage = try await script("build-pytorch", [folder], home)
        #expect(usage.exitCode == 64)
        #expect(usage.errors.contains("build-pytorch FOLDER --source DIR"), "\(usage.errors)")
        let missing = try await script("build-pytorch", [folder, "--source", source], home)
        #expect(missing.exitCode == 66)
        #expect(missing.errors.contains("\(source)/modeling_asteroid.py is not there"), "\(missing.errors)")
        // An interpreter that has everything, and says what it is to run.
        for (path, text) in [
            (source + "/modeling_asteroid.py", ""), (source + "/XY_Tokenizer/xy_tokenizer/model.py", ""),
            (folder + "/venv/bin/python", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n"),
        ] {
            let file = URL(filePath: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        let made = try await script("build-pytorch", [folder, "--source", source], home)
        try #require(made.isSuccess, "\(made.errors)")
        #expect(
            made.output.hasSuffix("colloquy bench --random-weights moss-ttsd-v0.5 --against pytorch=\(folder)\n"))
        let called = try await Command(folder + "/pytorch-sampler", ["--part", "codec"], home.environment).run()
        let words = called.output.split(separator: "\n").map(String.init)
        #expect(words.first?.hasSuffix("Compose/peers/pytorch-sampler") == true, "\(words)")
        #expect(words.dropFirst() == ["--source", source, "--part", "codec"])
    }

    @Test func theRunnerSaysWhatItMisses() async throws {
        let home = try Home()
        let common = ["--part", "codec", "--precision", "bf16", "--threads", "1", "--configuration", "{}"]
        let missing = try await script("pytorch-sampler", ["--source", home.path("none")] + common, home)
        #expect(missing.exitCode == 1)
        #expect(
            missing.errors == "pytorch-sampler: \(home.path("none"))/XY_Tokenizer/xy_tokenizer/model.py is not there; "
                + "--source is the original's source\n")
        let usage = try await script("pytorch-sampler", common, home)
        #expect(usage.exitCode == 2)
        #expect(usage.errors.contains("--source"), "\(usage.errors)")
    }
}
