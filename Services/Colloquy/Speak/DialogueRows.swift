import Audio
import Contracts
import Dialogue
import Foundation
import ServiceKit
import Wire

/// The rows of a JSONL file, each of which becomes a sound file of a folder, with a manifest beside them.
struct DialogueRows: Sendable {
    /// A JSONL file of 64 MB holds thousands of the longest scripts.
    private static let fileBytesMax = 64 << 20

    private let jobs: [SpeakJob]
    private let folder: String

    /// - Throws: What is wrong with the first bad row, or a file it names that cannot be read.
    init(file: String, folder: String, format: AudioFormat, options: SpeakOptions) throws {
        let bytes = try InputFile.bytes(file, bytesMax: Self.fileBytesMax)
        let items: [DialogueItem]
        do {
            items = try DialogueItem.items(jsonl: bytes)
        } catch {
            throw ServiceFailure(.badData, "\(file): \(error)")
        }
        guard !items.isEmpty else { throw ServiceFailure(.badData, "\(file) has no rows") }
        let base = URL(filePath: file).deletingLastPathComponent()
        self.folder = folder
        jobs = try items.enumerated().map { index, item in
            do {
                return SpeakJob(
                    request: options.request(
                        script: item.text ?? "", speakers: try item.speakers(relativeTo: base)),
                    target: .file(path: "\(folder)/output_\(index).\(format.fileExtension)", format: format),
                    budget: .seconds(options.timeout))
            } catch let failure as ServiceFailure {
                throw ServiceFailure(failure.exitCode, "\(file), row \(index + 1): \(failure.message)")
            }
        }
    }

    /// Speaks every row, several at once; a row that fails does not stop the others.
    func speak(on caller: any Caller, jobs atOnce: Int, progress: ProgressLine) async throws -> Manifest {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw ServiceFailure(.cannotCreate, "\(folder) cannot be made: \(error.localizedDescription)")
        }
        var results: [Int: Result<SpokenDialogue, any Error>] = [:]
        await withTaskGroup(of: (Int, Result<SpokenDialogue, any Error>).self) { group in
            var next = 0
            func add() {
                guard next < jobs.count else { return }
                let (index, job) = (next, jobs[next])
                next += 1
                group.addTask {
                    do {
                        return (index, .success(try await job.run(on: caller, progress: progress)))
                    } catch {
                        progress.note("\(job.target.name): \(ServiceFailure(from: error).message)")
                        return (index, .failure(error))
                    }
                }
            }
            for _ in 0..<atOnce { add() }
            for await (index, result) in group {
                results[index] = result
                add()
            }
        }
        try Task.checkCancellation()
        let manifest = Manifest(
            folder: folder,
            rows: jobs.indices.map { ($0, jobs[$0].target.name, results[$0] ?? .failure(CancellationError())) }
        )
        try manifest.write()
        return manifest
    }
}

extension DialogueItem {
    /// - Parameter base: Where relative paths begin: the folder of the file that names them.
    fileprivate func speakers(relativeTo base: URL) throws -> [SpeakerSource] {
        func bytes(_ path: String) throws -> [UInt8] {
            try InputFile.bytes(
                URL(filePath: path, relativeTo: base).path, bytesMax: ContractLimits.audioBytesMax)
        }
        _ = try promptFiles()  // refuses what is no path
        switch promptAudio {
        case .shared(.path(let path)) where !path.isEmpty:
            return [SpeakerSource(number: nil, source: .prompt(audio: try bytes(path), text: promptText ?? ""))]
        case .shared: return []
        case .perSpeaker(let first, let second):
            return try [first, second].enumerated().compactMap { index, audio in
                guard case .path(let path) = audio, !path.isEmpty else { return nil }
                let transcript = speakerTranscripts.indices.contains(index) ? speakerTranscripts[index] ?? "" : ""
                return SpeakerSource(number: index + 1, source: .prompt(audio: try bytes(path), text: transcript))
            }
        }
    }
}
