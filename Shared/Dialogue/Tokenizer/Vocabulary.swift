/// The tokens of a byte-level vocabulary: what each spells, and which id a spelling has.
///
/// Spellings are compared byte for byte. `String` would compare them by canonical equivalence, which is slower and not
/// what a vocabulary means.
struct Vocabulary: Sendable {
    /// All spellings and all decoded tokens, end to end, in the order in which they came.
    private var spelled: [UInt8] = []
    private var decoded: [UInt8] = []
    /// For the n-th entry: its id, and where its bytes end.
    private var ids: [Int32] = []
    private var spelledEnds: [Int] = [0]
    private var decodedEnds: [Int] = [0]
    /// Entry of each id, -1 where there is none; filled by `seal`.
    private var entries: [Int32] = []
    /// Open addressing, a power of two: entry, or -1.
    private var slots: [Int32] = Array(repeating: -1, count: 1024)

    var count: Int { ids.count }
    /// One more than the highest id.
    var idsEnd: Int { entries.count }

    /// Adds a token, spelled in `ByteAlphabet`. A second one of the same spelling replaces the id of the first.
    mutating func add(_ spelling: some Collection<UInt8>, id: Int) throws(TokenizerError) {
        guard let id = Int32(exactly: id), id >= 0 else { throw .idOutOfRange(id) }
        if let entry = entry(of: spelling) {
            ids[entry] = id
            return
        }
        if (count + 1) * 2 > slots.count { grow() }
        slots[freeSlot(of: spelling)] = Int32(count)
        ids.append(id)
        spelled.append(contentsOf: spelling)
        spelledEnds.append(spelled.count)
        ByteAlphabet.decode(spelling, into: &decoded)
        decodedEnds.append(decoded.count)
    }

    /// Orders the tokens by id. Ids must lie close together, so that a stray one cannot ask for a table of any size.
    mutating func seal() throws(TokenizerError) {
        let highest = Int(ids.max() ?? -1)
        guard highest < 2 * count + 65_536 else { throw .idOutOfRange(highest) }
        entries = Array(repeating: -1, count: highest + 1)
        for (entry, id) in ids.enumerated() { entries[Int(id)] = Int32(entry) }
    }

    func id(of spelling: some Collection<UInt8>) -> Int32? { entry(of: spelling).map { ids[$0] } }

    /// The bytes that a token stands for; nil when no token has the id.
    func bytes(of id: Int32) -> ArraySlice<UInt8>? {
        guard id >= 0, Int(id) < entries.count, entries[Int(id)] >= 0 else { return nil }
        let entry = Int(entries[Int(id)])
        return decoded[decodedEnds[entry]..<decodedEnds[entry + 1]]
    }

    // MARK: Hashing

    private func spelling(_ entry: Int) -> ArraySlice<UInt8> { spelled[spelledEnds[entry]..<spelledEnds[entry + 1]] }

    private func entry(of spelling: some Collection<UInt8>) -> Int? {
        var slot = firstSlot(of: spelling)
        while slots[slot] >= 0 {
            let entry = Int(slots[slot])
            if self.spelling(entry).elementsEqual(spelling) { return entry }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func freeSlot(of spelling: some Collection<UInt8>) -> Int {
        var slot = firstSlot(of: spelling)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }

    /// `Hasher` is keyed at random per process: nobody can write a file whose tokens all meet in one slot.
    private func firstSlot(of spelling: some Collection<UInt8>) -> Int {
        var hasher = Hasher()
        let hashed: Void? = spelling.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if hashed == nil { Array(spelling).withUnsafeBytes { hasher.combine(bytes: $0) } }
        return hasher.finalize() & (slots.count - 1)
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        for entry in 0..<count { slots[freeSlot(of: spelling(entry))] = Int32(entry) }
    }
}
