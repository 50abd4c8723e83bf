extension DialogueItem {
    /// Every item of a JSONL file; blank lines are passed over.
    ///
    /// - Parameter version: nil takes any published form.
    /// - Throws: the first line's error that is no item, with its number.
    public static func items(
        jsonl: [UInt8], version: DialogueVersion? = nil
    ) throws(DialogueItemError) -> [DialogueItem] {
        var items: [DialogueItem] = []
        let lines = jsonl.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            do {
                if let version {
                    items.append(try DialogueItem(json: Array(line), version: version))
                } else {
                    items.append(try DialogueItem(json: Array(line)))
                }
            } catch {
                throw DialogueItemError(error.problem, line: index + 1)
            }
        }
        return items
    }

    /// One item in any published form: as v0.7 reads it, else as v0.5 does, which is laxer.
    ///
    /// - Throws: v0.5's error.
    public init(json: [UInt8]) throws(DialogueItemError) {
        if let item = try? DialogueItem(json: json, version: .v07) {
            self = item
        } else {
            try self.init(json: json, version: .v05)
        }
    }

    /// One item, as the given version understands it. Keys of other tools are ignored.
    public init(json: [UInt8], version: DialogueVersion) throws(DialogueItemError) {
        let values = try Self.members(of: json)
        let basePath = try values.text("base_path") ?? ""
        let text = try values.text("text", otherwise: "")

        func audio(_ key: String) throws(DialogueItemError) -> Audio {
            guard case .path(let path) = values[key] ?? .path("") else { return values[key] ?? .null }
            return .path(try Self.join(basePath, path, version: version))
        }
        func perSpeaker() throws(DialogueItemError) -> DialogueItem {
            let transcripts = [try values.text("prompt_text_speaker1"), try values.text("prompt_text_speaker2")]
            return DialogueItem(
                text: text, promptText: PromptLayout.promptText(of: transcripts),
                promptAudio: .perSpeaker(try audio("prompt_audio_speaker1"), try audio("prompt_audio_speaker2")),
                speakerTranscripts: transcripts, version: version)
        }

        switch version {
        case .v05:
            guard values["prompt_audio"] != nil, values["prompt_text"] != nil else {
                self = try perSpeaker()
                return
            }
        case .v07:
            guard let shared = values["prompt_audio"] else {
                for key in ["prompt_audio_speaker1", "prompt_audio_speaker2"] {
                    guard case .path(let path)? = values[key], !path.isEmpty else {
                        throw DialogueItemError(.noPrompt)
                    }
                }
                self = try perSpeaker()
                return
            }
            if shared.isEmpty { throw DialogueItemError(.emptyPromptAudio) }
        }
        self.init(
            text: text, promptText: try values.text("prompt_text", otherwise: ""),
            promptAudio: .shared(try audio("prompt_audio")), version: version)
    }

    /// As `os.path.join`; v0.7 wants a path that does not depend on where it runs.
    private static func join(
        _ base: String, _ path: String, version: DialogueVersion
    ) throws(DialogueItemError) -> String {
        if path.isEmpty || path.utf8.first == UInt8(ascii: "/") { return path }
        if base.isEmpty {
            guard version == .v05 else { throw DialogueItemError(.relativePathWithoutBase(path)) }
            return path
        }
        return base.utf8.last == UInt8(ascii: "/") ? base + path : "\(base)/\(path)"
    }

    /// The values of an object; `path` stands for any string. Of two members of one name the later counts.
    private static func members(of json: [UInt8]) throws(DialogueItemError) -> [String: Audio] {
        do throws(JSONError) {
            var values: [String: Audio] = [:]
            var reader = try JSONReader(json)
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch try reader.kind() {
                case .string: values[key] = .path(try reader.string())
                case .null:
                    try reader.skip()
                    values[key] = .null
                default: values[key] = .other(json: try reader.raw())
                }
            }
            try reader.end()
            return values
        } catch {
            throw DialogueItemError(.malformed(error))
        }
    }
}

extension [String: DialogueItem.Audio] {
    /// The text of a key; nil for null, `otherwise` where the key is missing.
    fileprivate func text(_ key: String, otherwise: String? = nil) throws(DialogueItemError) -> String? {
        switch self[key] {
        case nil: return otherwise
        case .path(let text): return text
        case .null: return nil
        case .other: throw DialogueItemError(.notText(key: key))
        }
    }
}

extension DialogueItem.Audio {
    /// What the original takes for nothing: null, "", [], {}, 0 and false.
    fileprivate var isEmpty: Bool {
        switch self {
        case .path(let path): path.isEmpty
        case .null: true
        case .other(let json):
            ["false", "0", "0.0", "-0", "-0.0", "[]", "{}"].contains {
                $0.utf8.elementsEqual(json.utf8.lazy.filter { $0 > UInt8(ascii: " ") })
            }
        }
    }
}
