public import Checkpoint
public import Compute

extension KeyValuePrecision {
    /// How keys and values are kept beside weights of `precision` of a checkpoint that is stored as `type`, unless it is
    /// asked for otherwise: nothing is rounded where the weights are not
    /// (Docs/Decisions/0010-keys-and-values-in-bfloat16.md).
    public init(beside precision: WeightPrecision, storedAs type: ScalarType?) {
        switch (precision, type ?? .float32) {
        case (.stored, .float32), (.stored, .float64): self = .f32
        default: self = .bf16
        }
    }
}

/// How keys and values of all layers lie in a page of `AttentionKernels.pageRows` rows: for each layer and head a block of
/// keys and a block of values (attention.h).
package struct KeyValueLayout: Equatable, Sendable {
    let layers, heads, headSize: Int
    package let precision: KeyValuePrecision

    /// Bytes of one head's keys, or values, in a page.
    private var block: Int { AttentionKernels.pageRows * headSize * precision.bytes }
    package var pageBytes: Int { layers * heads * 2 * block }

    /// In bytes from the start of a page.
    func keyOffset(layer: Int, head: Int) -> Int { (layer * heads + head) * 2 * block }
    func valueOffset(layer: Int, head: Int) -> Int { keyOffset(layer: layer, head: head) + block }

    /// Pages that hold `rows` rows.
    package func pages(forRows rows: Int) -> Int { (rows + AttentionKernels.pageRows - 1) / AttentionKernels.pageRows }

    func rows(inPages pages: Int) -> Int { pages * AttentionKernels.pageRows }
}

/// Memory for `AttentionKernels.pageRows` rows of a sequence. Belongs to one thread.
package final class KeyValuePage {
    /// Owned by this object; what it held before it was taken stays in it, zeros at first (attention.h asks for no less).
    let base: UnsafeMutableRawPointer
    /// Caches that have the page. Only one that is alone with it, and has not given it to `PromptPages`, writes to it.
    fileprivate(set) var holders = 0
    /// Known to `PromptPages`: stays as it is when nobody holds it, until its memory is needed.
    var isKept = false

    init(bytes: Int) {
        base = LargePages.allocate(byteCount: bytes)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }

    deinit { base.deallocate() }
}

/// A bounded stock of pages. Pages given back are used again, so that a long run asks the system for memory only while
/// its peak grows. Belongs to one thread.
package final class KeyValuePages {
    package let layout: KeyValueLayout
    package let capacity: Int
    /// Pages of prompts, for requests that begin alike.
    let prompts = PromptPages()
    /// Pages that a cache holds now, each counted once.
    package private(set) var used = 0
    /// Pages that nobody holds, but that are kept for the prompts in them.
    package private(set) var idle = 0
    private var free: [KeyValuePage] = []

    package init(layout: KeyValueLayout, capacity: Int) {
        self.layout = layout
        self.capacity = capacity
    }

    /// A page to write to; nil when caches hold all there are.
    func take() -> KeyValuePage? {
        guard used < capacity else { return nil }
        if let page = free.popLast() { return hold(page) }
        if used + idle < capacity { return hold(KeyValuePage(bytes: layout.pageBytes)) }
        guard let page = prompts.dropOldest() else { preconditionFailure("\(idle) idle pages, and none to be had") }
        idle -= 1
        return hold(page)
    }

    /// One more cache has the page.
    func share(_ page: KeyValuePage) {
        if page.holders == 0 { idle -= 1 }
        _ = hold(page)
    }

    func giveBack(_ pages: [KeyValuePage]) {
        for page in pages {
            page.holders -= 1
            guard page.holders == 0 else { continue }
            used -= 1
            if page.isKept { idle += 1 } else { free.append(page) }
        }
    }

    private func hold(_ page: KeyValuePage) -> KeyValuePage {
        if page.holders == 0 { used += 1 }
        page.holders += 1
        return page
    }
}
