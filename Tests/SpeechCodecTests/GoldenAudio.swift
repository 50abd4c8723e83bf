import Audio
import Foundation
import Synchronization
import TestSupport

extension GoldenCase {
    /// The samples of the case's audio file, which has one channel at the encoder's rate; read once.
    func audio() throws -> [Float] {
        guard let path = facts["audio"].string else { throw MissingFact(name: "audio", of: name) }
        let file = resolve(path)
        return try GoldenAudio.read.withLock { read in
            if let samples = read[file.path] { return samples }
            let samples = try AudioClip(path: file.path).channels[0]
            read[file.path] = samples
            return samples
        }
    }

    func require(_ value: Int?, _ what: String) throws -> Int {
        guard let value else { throw MissingFact(name: what, of: name) }
        return value
    }

    func require(_ value: Double?, _ what: String) throws -> Double {
        guard let value else { throw MissingFact(name: what, of: name) }
        return value
    }
}

private enum GoldenAudio {
    static let read = Mutex<[String: [Float]]>([:])
}

struct MissingFact: Error, CustomStringConvertible {
    let name: String
    let of: String
    var description: String { "\(of) states no \(name)" }
}
