import Benchmarking
import Testing

@Suite struct ListenerTests {
    @Test func `a piece that comes while the one before is played is heard without a gap`() {
        var listener = Listener()
        #expect(listener.firstAudioSeconds == nil)
        listener.hear(seconds: 0, at: 1)
        listener.hear(seconds: 1, at: 2)
        listener.hear(seconds: 2, at: 2.5)
        listener.hear(seconds: 1, at: 5)
        #expect(listener.firstAudioSeconds == 2)
        #expect(listener.stalledSeconds == 0)
    }

    @Test func `gaps add up, and what was played late delays what follows`() {
        var listener = Listener()
        listener.hear(seconds: 1, at: 0.5)
        listener.hear(seconds: 1, at: 2)  // half a second late; played until 3
        listener.hear(seconds: 1, at: 2.5)  // until 4
        listener.hear(seconds: 1, at: 4.25)
        #expect(listener.firstAudioSeconds == 0.5)
        #expect(listener.stalledSeconds == 0.75)
    }
}
