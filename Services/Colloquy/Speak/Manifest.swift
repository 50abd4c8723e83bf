import Contracts
import Foundation
import ServiceKit

/// What became of each row of a JSONL file: a line a row in `manifest.jsonl`.
struct Manifest: Sendable {
    /// A row's line: what was spoken, or why it was not.
    enum Record: Encodable, Sendable {
        case spoken(row: Int, SpokenDialogue.Record)
        case failed(row: Int, path: String, code: String, message: String)

        private enum Keys: String, CodingKey { case row, path, error, message }

        func encode(to encoder: any Encoder) throws {
            var keys = encoder.container(keyedBy: Keys.self)
            switch self {
            case .spoken(let row, let record):
                try keys.encode(row, forKey: .row)
                try record.encode(to: encoder)
            case .failed(let row, let path, let code, let message):
                try keys.encode(row, forKey: .row)
                try keys.encode(path, forKey: .path)
                try keys.encode(code, forKey: .error)
                try keys.encode(message, forKey: .message)
            }
        }
    }

    let records: [Record]
    private let folder: String
    private let spoken: [SpokenDialogue]

    /// - Parameter rows: Number from 0, path, and what became of it.
    init(folder: String, rows: [(Int, String, Result<SpokenDialogue, any Error>)]) {
        self.folder = folder
        records = rows.map { index, path, result in
            switch result {
            case .success(let dialogue): .spoken(row: index + 1, dialogue.record)
            case .failure(let error):
                .failed(
                    row: index + 1, path: path, code: CallError(answering: error).code.rawValue,
                    message: ServiceFailure(from: error).message)
            }
        }
        spoken = rows.compactMap { try? $0.2.get() }
    }

    private var path: String { "\(folder)/manifest.jsonl" }

    /// For people.
    var words: String {
        (spoken.map(\.words) + ["\(path): \(spoken.count) of \(records.count) rows spoken"]).joined(separator: "\n")
    }

    /// Not nil when a row failed.
    var failure: ServiceFailure? {
        spoken.count == records.count
            ? nil : ServiceFailure(.badData, "\(records.count - spoken.count) of \(records.count) rows were not spoken")
    }

    func write() throws {
        let lines = try records.map { try JSONLine.text($0) + "\n" }.joined()
        do {
            try Data(lines.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw ServiceFailure(.cannotCreate, "\(path) cannot be written: \(error.localizedDescription)")
        }
    }
}
