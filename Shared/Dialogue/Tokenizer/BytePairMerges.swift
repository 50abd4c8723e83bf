/// The merges of byte-pair encoding, and the encoding of one word by them.
struct BytePairMerges: Sendable {
    private struct Merge {
        let rank: Int32
        let id: Int32
    }

    /// Token of each byte.
    private let byteIDs: [Int32]
    private var merges: [UInt64: Merge] = [:]

    /// - Throws: `TokenizerError.byteWithoutToken`: every text must have ids.
    init(vocabulary: Vocabulary, capacity: Int) throws(TokenizerError) {
        var ids: [Int32] = []
        for byte in UInt8.min...UInt8.max {
            guard let id = vocabulary.id(of: ByteAlphabet.spelling(of: byte)) else { throw .byteWithoutToken(byte) }
            ids.append(id)
        }
        byteIDs = ids
        merges.reserveCapacity(capacity)
    }

    /// Adds the merge of the next rank: of two equal pairs the later counts.
    mutating func add(
        rank: Int, left: some Collection<UInt8>, right: some Collection<UInt8>, vocabulary: Vocabulary
    ) throws(TokenizerError) {
        func id(_ spelling: some Collection<UInt8>) throws(TokenizerError) -> Int32 {
            guard let id = vocabulary.id(of: spelling) else {
                throw .mergeOutsideVocabulary(merge: rank, token: String(decoding: spelling, as: UTF8.self))
            }
            return id
        }
        let key = Self.key(try id(left), try id(right))
        merges[key] = Merge(rank: Int32(clamping: rank), id: try id(Array(left) + Array(right)))
    }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    // MARK: Encoding

    /// A token of the word while it is being merged, linked to its neighbours.
    private struct Symbol {
        /// -1 once it was merged into its left neighbour.
        var id: Int32
        var previous: Int32
        /// -1 at the end.
        var next: Int32
    }

    /// A merge that was possible when it was found: by rank, then from the left.
    private struct Candidate: Comparable {
        let rank: Int32
        let position: Int32
        let id: Int32

        static func < (one: Candidate, other: Candidate) -> Bool {
            (one.rank, one.position) < (other.rank, other.position)
        }
    }

    /// Appends the ids of a word: the pair of the lowest rank, the leftmost of equal ones, is merged until none is left.
    ///
    /// A heap of candidates over a linked list: O(n log n) in the bytes of the word, whatever it says.
    func encode(_ word: some Collection<UInt8>, into ids: inout [Int32]) {
        let count = word.count
        // Positions are Int32: a word beyond that is cut, as no caller lets one through.
        guard count > 1, count < Int32.max else {
            ids.append(contentsOf: word.map { byteIDs[Int($0)] })
            return
        }
        var symbols: [Symbol] = []
        symbols.reserveCapacity(count)
        for byte in word {
            let position = Int32(symbols.count)
            symbols.append(Symbol(id: byteIDs[Int(byte)], previous: position - 1, next: position + 1))
        }
        symbols[count - 1].next = -1

        func candidate(_ position: Int32) -> Candidate? {
            guard position >= 0 else { return nil }
            let left = symbols[Int(position)]
            guard left.next >= 0, let merge = merges[Self.key(left.id, symbols[Int(left.next)].id)] else { return nil }
            return Candidate(rank: merge.rank, position: position, id: merge.id)
        }

        var heap = Heap((0..<Int32(count - 1)).compactMap(candidate))
        while let best = heap.popFirst() {
            let position = Int(best.position)
            // The pair may have been merged away, or another stands there by now.
            guard symbols[position].id >= 0, candidate(best.position) == best else { continue }
            let right = Int(symbols[position].next)
            symbols[position].id = best.id
            symbols[position].next = symbols[right].next
            symbols[right].id = -1
            if symbols[right].next >= 0 { symbols[Int(symbols[right].next)].previous = best.position }
            if let found = candidate(symbols[position].previous) { heap.insert(found) }
            if let found = candidate(best.position) { heap.insert(found) }
        }
        ids.append(contentsOf: symbols.lazy.map(\.id).filter { $0 >= 0 })
    }
}
