import TestSupport
import VoiceLibrary

/// What a library should hold, kept in plain dictionaries.
struct LibraryModel {
    struct Entry: Equatable {
        var name: String
        var transcript: String
        var sound: UInt8
    }

    enum Operation: CustomStringConvertible {
        case add(String, sound: UInt8, transcript: String, codec: String?, replacing: Bool)
        case rename(String, String)
        case remove(String)
        case storeOwnCodes(String, codec: String)
        case storeCastCodes([String], code: UInt16)
        case reopen

        var description: String {
            switch self {
            case .add(let name, let sound, let transcript, let codec, let replacing):
                "add \(name) sound \(sound) \(transcript) codec \(codec ?? "none") replacing \(replacing)"
            case .rename(let old, let new): "rename \(old) to \(new)"
            case .remove(let name): "remove \(name)"
            case .storeOwnCodes(let name, let codec): "store \(codec) of \(name)"
            case .storeCastCodes(let names, let code): "store \(code) of cast \(names)"
            case .reopen: "reopen"
            }
        }
    }

    enum Outcome: Equatable { case done, nameTaken, notFound }

    /// By the name in lower case; the names used here have no other folding.
    private(set) var entries: [String: Entry] = [:]
    private(set) var ownCodecs: [UInt8: Set<String>] = [:]
    private(set) var castCodes: [[UInt8]: UInt16] = [:]

    mutating func apply(_ operation: Operation) -> Outcome {
        switch operation {
        case .add(let name, let sound, let transcript, let codec, let replacing):
            guard replacing || entries[name.lowercased()] == nil else { return .nameTaken }
            entries[name.lowercased()] = Entry(name: name, transcript: transcript, sound: sound)
            if let codec { ownCodecs[sound, default: []].insert(codec) }
        case .rename(let old, let new):
            guard var entry = entries[old.lowercased()] else { return .notFound }
            guard old.lowercased() == new.lowercased() || entries[new.lowercased()] == nil else { return .nameTaken }
            entries[old.lowercased()] = nil
            entry.name = new
            entries[new.lowercased()] = entry
        case .remove(let name):
            guard entries.removeValue(forKey: name.lowercased()) != nil else { return .notFound }
        case .storeOwnCodes(let name, let codec):
            guard let entry = entries[name.lowercased()] else { return .notFound }
            ownCodecs[entry.sound, default: []].insert(codec)
        case .storeCastCodes(let names, let code):
            let sounds = names.compactMap { entries[$0.lowercased()]?.sound }
            guard sounds.count == names.count else { return .notFound }
            castCodes[sounds] = code
        case .reopen: break
        }
        let heard = Set(entries.values.map(\.sound))
        ownCodecs = ownCodecs.filter { heard.contains($0.key) }
        castCodes = castCodes.filter { heard.isSuperset(of: $0.key) }
        return .done
    }

    /// In the order of a listing.
    var listing: [Entry] { entries.sorted { $0.key < $1.key }.map(\.value) }

    static func randomOperation(_ random: inout SeededRandom) -> Operation {
        let names = ["anna", "Anna", "BEN", "ben", "cleo", "dora", "emil"]
        let codecs = ["aa", "bb"]
        let name = names.randomElement(using: &random) ?? ""
        let codec = codecs.randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<12, using: &random) {
        case 0..<4:
            return .add(
                name, sound: UInt8.random(in: 0..<4, using: &random),
                transcript: "Words \(Int.random(in: 0..<9, using: &random)).",
                codec: Bool.random(using: &random) ? codec : nil,
                replacing: Bool.random(using: &random))
        case 4..<6: return .rename(name, names.randomElement(using: &random) ?? "")
        case 6..<8: return .remove(name)
        case 8: return .storeOwnCodes(name, codec: codec)
        case 9..<11:
            let cast = (0..<Int.random(in: 1...3, using: &random)).map { _ in names.randomElement(using: &random) ?? ""
            }
            return .storeCastCodes(cast, code: UInt16.random(in: 0..<100, using: &random))
        default: return .reopen
        }
    }
}
