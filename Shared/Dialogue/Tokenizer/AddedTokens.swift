/// A token that is no product of merges: it is cut out of the text before anything else happens to it.
struct AddedToken: Equatable, Sendable {
    let id: Int32
    let content: String
    /// Left out when ids are decoded for reading.
    let isSpecial: Bool
    /// Looked for in the normalised text rather than in the text as it came.
    let isNormalized: Bool

    /// Content is compared with every place of a text, so its length is bounded.
    static let bytesMax = 1024
}

/// Finds added tokens in text: leftmost first, the longest of those that start at one place.
struct AddedTokenMatcher: Sendable {
    /// Next node for a node and a byte.
    private var edges: [UInt64: Int] = [:]
    /// Token that ends at each node.
    private var tokens: [Int32?] = [nil]
    private var startsToken: [Bool] = Array(repeating: false, count: 256)

    init(_ tokens: some Sequence<(content: [UInt8], id: Int32)>) {
        for (content, id) in tokens {
            guard let first = content.first else { continue }
            startsToken[Int(first)] = true
            var node = 0
            for byte in content {
                let edge = UInt64(node) << 8 | UInt64(byte)
                if let known = edges[edge] {
                    node = known
                } else {
                    node = self.tokens.count
                    edges[edge] = node
                    self.tokens.append(nil)
                }
            }
            self.tokens[node] = id
        }
    }

    /// Cuts `text` at its tokens: calls `plain` with what lies between, `token` with each found, in order.
    func cut(
        _ text: ArraySlice<UInt8>, plain: (ArraySlice<UInt8>) -> Void, token: (Int32) -> Void
    ) {
        var start = text.startIndex
        var position = text.startIndex
        while position < text.endIndex {
            guard startsToken[Int(text[position])], let found = longest(in: text, at: position) else {
                position += 1
                continue
            }
            if start < position { plain(text[start..<position]) }
            token(found.id)
            position = found.end
            start = position
        }
        if start < text.endIndex { plain(text[start...]) }
    }

    private func longest(in text: ArraySlice<UInt8>, at start: Int) -> (id: Int32, end: Int)? {
        var node = 0
        var found: (id: Int32, end: Int)?
        for position in start..<text.endIndex {
            guard let next = edges[UInt64(node) << 8 | UInt64(text[position])] else { break }
            node = next
            if let id = tokens[node] { found = (id, position + 1) }
        }
        return found
    }
}
