import Contracts
import TestSupport
import Testing
import Wire

/// All machines together, over links that a seed makes fail. A failure names its seed.
@Suite struct FaultyLinkTests {
    private static let clients = 3
    private static let slots = 2

    private static func storm(seed: UInt64, _ weather: World.Weather) -> World {
        var world = World(seed: seed, weather: weather, clients: clients, workers: 2, slots: slots)
        for call in 0..<40 {
            world.run(.milliseconds(100))
            let end = Int.random(in: 0..<clients, using: &world.random)
            let items = Int.random(in: 0...20, using: &world.random)
            let budget = Duration.milliseconds(Int.random(in: 200...4000, using: &world.random))
            world.call(call, from: end, items: items, taking: world.chance(0.5), budget: budget)
        }
        world.run(.seconds(6))
        return world
    }

    private static func expectSafe(_ world: World, seed: UInt64) {
        #expect(world.answered.count == world.plans.count)
        for (call, plan) in world.plans {
            let answered = world.answered[call] ?? World.Answered()
            let taken = world.takenByHandlers[call] ?? []
            #expect(answered.ends.count == 1, "seed \(seed): call \(call) ended \(answered.ends.count) times")
            #expect(world.starts[call, default: 0] <= 1, "seed \(seed): call \(call) ran twice")
            #expect(answered.items == Array(0..<answered.items.count), "seed \(seed): call \(call), items out of order")
            #expect(taken == Array(0..<taken.count), "seed \(seed): call \(call), handler's items out of order")
            #expect(
                (answered.endedAt ?? world.now) <= plan.deadline + World.step * 2,
                "seed \(seed): call \(call) outlived its deadline")
            guard case .success? = answered.ends.first else { continue }
            let arrived = plan.isTaking ? taken.count : answered.items.count
            #expect(arrived == plan.items, "seed \(seed): call \(call) succeeded without its items")
        }
        #expect(world.mind.isIdle, "seed \(seed): the gateway holds requests that have ended")
    }

    /// Connections break and lose what is on them; when it is over, everything works and no credit has leaked.
    @Test(arguments: 1...12) func brokenConnectionsLoseNoCreditAndHurtNoOtherCall(seed: UInt64) {
        var world = Self.storm(seed: seed, .transport)
        Self.expectSafe(world, seed: seed)
        #expect(world.plans.keys.contains { world.succeeded($0) }, "seed \(seed): nothing succeeded")

        world.stormy = false
        world.run(.seconds(2))
        for number in 0..<8 {
            world.call(1000 + number, from: number % 3, items: 5, taking: number % 2 == 0, budget: .seconds(5))
        }
        world.run(.seconds(6))
        Self.expectSafe(world, seed: seed)
        for number in 0..<8 { #expect(world.succeeded(1000 + number), "seed \(seed): call \(1000 + number) failed") }
        let workers = world.mind.workers
        #expect(workers.count == 2, "seed \(seed)")
        #expect(workers.allSatisfy { $0.credit == Self.slots && $0.running == 0 }, "seed \(seed): credit leaked")
    }

    /// Dropped, doubled and overtaking messages may fail calls. They may not run one twice, nor hand out wrong items.
    @Test(arguments: 1...12) func noDisorderOfMessagesMakesAWrongAnswer(seed: UInt64) {
        Self.expectSafe(Self.storm(seed: seed, .hostile), seed: seed)
    }
}
