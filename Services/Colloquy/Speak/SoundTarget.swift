import Audio
import Foundation
import ServiceKit

/// Where the sound of a dialogue goes.
enum SoundTarget: Sendable {
    /// Appears under its name when it is whole.
    case file(path: String, format: AudioFormat)
    /// WAV, as it is made: for a player behind a pipe.
    case standardOutput

    /// What stands for standard output on the command line.
    static let dash = "-"

    /// For people, and to tell dialogues apart.
    var name: String {
        switch self {
        case .file(let path, _): path
        case .standardOutput: Self.dash
        }
    }
}

/// Writes one dialogue to its target, piece by piece.
final class SoundSink {
    private let target: SoundTarget
    private var writer: AudioWriter?
    private(set) var isEmpty = true

    init(_ target: SoundTarget) { self.target = target }

    deinit {
        // What was not finished is of no use.
        if case .file(let path, _) = target, writer != nil {
            try? FileManager.default.removeItem(atPath: Self.partial(path))
        }
    }

    private static func partial(_ path: String) -> String { path + ".part" }

    /// - Parameters:
    ///   - samples: Mono; none are left out.
    ///   - sampleRate: Hz, the same in every call.
    func write(_ samples: [Float], sampleRate: Int) throws {
        switch target {
        case .file(let path, let format):
            if writer == nil {
                writer = try AudioWriter(path: Self.partial(path), format: format, sampleRate: sampleRate)
            }
            try writer?.write(samples)
        case .standardOutput:
            let bytes = (isEmpty ? StreamedWAV.header(sampleRate: sampleRate) : []) + PCM16.bytes(of: samples)
            do {
                try FileHandle.standardOutput.write(contentsOf: Data(bytes))
            } catch {
                throw ServiceFailure(
                    .cannotCreate, "standard output takes no more sound: \(error.localizedDescription)")
            }
        }
        isEmpty = false
    }

    /// Ends a target that has sound.
    func finish() throws {
        guard case .file(let path, _) = target, let writer else { return }
        try writer.finish()
        guard rename(Self.partial(path), path) == 0 else {
            throw ServiceFailure(.cannotCreate, "\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        self.writer = nil
    }
}
