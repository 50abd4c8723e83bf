import CAllocations
import Checkpoint
import Compute
import LanguageModel
import Synchronization
import Testing
import Tokens

/// A step of running streams takes no memory from the system and gives none back: its time does not depend on what else
/// the process does, and no lock of an allocator stands between the threads. One case after another: they share a counter.
@Suite(.serialized) struct AllocationTests {
    @Test(arguments: WeightPrecision.allCases, [1, 2, 3])
    func aDecodeStepAllocatesNothing(precision: WeightPrecision, threads: Int) throws {
        let model = try SmallModels.model(threads: threads, precision: precision, keyValues: .bf16)
        let configuration = model.configuration
        let channels = configuration.channels
        let stock = KeyValuePages(layout: model.cacheLayout, capacity: 8)
        let grid = SmallModels.prompt(40, configuration)
        let caches = [3, 9, 20].map { rows in
            let cache = KeyValueCache(stock)
            // A page is taken once in 64 rows, between two steps.
            #expect(cache.reserve(64))
            return (cache, rows)
        }
        let scratch = ForwardScratch(model, rowsMax: 32, logitRowsMax: 3)
        ForwardPass.run(
            model, caches.map { SequenceRows(cache: $0, grid: grid, rows: 0..<$1, logitRows: 1) }, scratch)
        let parts = caches.map { cache, rows in
            SequenceRows(cache: cache, grid: grid, rows: rows..<rows + 1, logitRows: 1)
        }
        let processors = [
            ChannelProcessors(ChannelSampling(repetitionPenalty: 1.1, temperature: 0.9, topK: 20, topP: 0.9)),
            ChannelProcessors(ChannelSampling(topP: 0.99)),
            ChannelProcessors(ChannelSampling(drawsAtRandom: false)),
        ]
        let rooms = (0..<channels).map {
            SamplingScratch(
                vocabulary: $0 == 0 ? configuration.vocabularySize : configuration.speechVocabularySize)
        }
        let history: [Int32] = [3, 5, 8]

        func step(_ number: Int) -> Int {
            var chosen = 0
            ForwardPass.run(model, parts, scratch)
            for index in parts.indices {
                for channel in 0..<channels {
                    let id = processors[index].choose(
                        scratch.logits(channel: channel, row: index), blocked: 1, history: history,
                        scratch: rooms[channel]
                    ) { Philox.uniform(seed: 1, step: number, channel: channel) }
                    if id != nil { chosen += 1 }
                }
            }
            return chosen
        }
        // What the language's runtime makes when a thread first comes by is no part of a step.
        for number in 0..<20 { #expect(step(number) == parts.count * channels) }
        Self.watch(model.device.pool, true)
        let before = allocations_count()
        var chosen = 0
        for number in 1...20 { chosen += step(number) }
        let after = allocations_count()
        Self.watch(model.device.pool, false)
        #expect(after == before, "\(after - before) in 20 steps")
        #expect(chosen == 20 * parts.count * channels)
    }

    /// That the counter counts, on this and on the pool's threads.
    @Test func anAllocationIsCounted() {
        let pool = WorkerPool(threads: 2)
        Self.watch(pool, true)
        let before = allocations_count()
        pool.run(tasks: 2, Everywhere(threads: 2) { _ = AlignedFloats(count: 100) })
        let after = allocations_count()
        Self.watch(pool, false)
        #expect(after - before >= 2)
    }

    private static func watch(_ pool: WorkerPool, _ isWatched: Bool) {
        pool.run(tasks: pool.threads, Everywhere(threads: pool.threads) { allocations_watch(isWatched ? 1 : 0) })
    }
}

/// Something that every thread of a pool does once: a task a thread, none of which ends before all have begun.
private final class Everywhere: PoolWork {
    private let threads: Int
    private let begun = Atomic<Int>(0)
    private let body: () -> Void

    init(threads: Int, body: @escaping () -> Void) {
        self.threads = threads
        self.body = body
    }

    func perform(_ task: Int) {
        begun.add(1, ordering: .sequentiallyConsistent)
        while begun.load(ordering: .sequentiallyConsistent) < threads {}
        body()
    }
}
