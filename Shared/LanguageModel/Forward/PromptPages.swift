internal import Compute

/// Full pages of prompts that were read, kept for requests that begin alike: a tree whose paths spell prompts, 64 rows a
/// node. Belongs to one thread.
///
/// A page is a function of the ids of its own rows and of those before it, so whoever has the same ids may use it, and
/// gets the bits that it would have made itself. Ids are compared, not hashes of them.
final class PromptPages {
    final class Node {
        /// Of the rows, `[pageRows, channels]`.
        let ids: [Int32]
        let page: KeyValuePage
        unowned let parent: Node?
        fileprivate var children: [Node] = []
        fileprivate var used: UInt64 = 0

        fileprivate init(ids: [Int32], page: KeyValuePage, parent: Node?) {
            self.ids = ids
            self.page = page
            self.parent = parent
        }
    }

    private var roots: [Node] = []
    private var clock: UInt64 = 0

    /// The pages that were kept of a prompt that begins with these ids, at most `most`: how many, and how many of them
    /// nobody holds.
    func matched(_ ids: [Int32], idsPerPage: Int, most: Int) -> (pages: Int, idle: Int) {
        var node: Node?
        var found = (pages: 0, idle: 0)
        while found.pages < most {
            let start = found.pages * idsPerPage
            guard let next = next(after: node, ids: ids[start..<start + idsPerPage]) else { break }
            found.pages += 1
            if next.page.holders == 0 { found.idle += 1 }
            node = next
        }
        return found
    }

    /// The page that follows `node` (nil: the first) for these ids, if it was kept.
    func next(after node: Node?, ids: ArraySlice<Int32>) -> Node? {
        guard let found = (node?.children ?? roots).first(where: { $0.ids.elementsEqual(ids) }) else { return nil }
        touch(found)
        return found
    }

    /// Keeps a page that `node` has no child for.
    func keep(_ page: KeyValuePage, after node: Node?, ids: ArraySlice<Int32>) -> Node {
        let kept = Node(ids: Array(ids), page: page, parent: node)
        page.isKept = true
        if let node { node.children.append(kept) } else { roots.append(kept) }
        touch(kept)
        return kept
    }

    /// Gives up the page that was not used for longest among those that nobody holds and nothing follows. Who holds a
    /// page holds all before it, so there is one if any page is held by nobody.
    func dropOldest() -> KeyValuePage? {
        var oldest: Node?
        var unvisited = roots
        while let node = unvisited.popLast() {
            unvisited += node.children
            guard node.children.isEmpty, node.page.holders == 0 else { continue }
            if node.used < oldest?.used ?? .max { oldest = node }
        }
        guard let oldest else { return nil }
        if let parent = oldest.parent {
            parent.children.removeAll { $0 === oldest }
        } else {
            roots.removeAll { $0 === oldest }
        }
        oldest.page.isKept = false
        return oldest.page
    }

    private func touch(_ node: Node) {
        clock += 1
        node.used = clock
    }
}
