using Kybernet.ApiServer.FlowControl;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.ApiServer.Tests.FlowControl;

/// <summary>One priority level: its seats, and the turns that flows take.</summary>
public sealed class PriorityLevelTests
{
    private static readonly LevelSettings Queued = new(false, Nominal: 2, Lower: 1, Upper: 10, Queues: 16, HandSize: 4, QueueLength: 5);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Requests_beyond_its_seats_wait_and_go_on_in_order_as_seats_come_free()
    {
        var level = Level(Queued);
        var requests = Enumerable.Range(0, 4).Select(_ => Begin(level, flow: 1)).ToList();
        Assert.Equal([true, true, false, false], requests.Select(static request => request.Turn.IsCompleted));

        level.Complete(requests[0]);
        Assert.Equal([true, true, true, false], requests.Select(static request => request.Turn.IsCompleted));

        level.Complete(requests[1]);
        level.Complete(requests[2]);
        level.Complete(requests[3]);
        Assert.Equal((0, 0, 0), (level.Look().Executing, level.Look().Waiting, level.Look().HeldSeats));
    }

    [Fact]
    public void A_flow_that_asks_little_is_served_before_the_backlog_of_one_that_asks_much()
    {
        var level = Level(Queued with { HandSize = 1 });
        var busy = Enumerable.Range(0, 7).Select(_ => Begin(level, flow: 1)).ToList();
        var quiet = Begin(level, flow: 2);

        // Two seats: by the second that comes free, the quiet flow has its turn, whatever waits before it.
        _time.Advance(TimeSpan.FromMilliseconds(10));
        level.Complete(busy[0]);
        level.Complete(busy[1]);

        Assert.True(quiet.Turn.IsCompleted);
        Assert.Equal(3, busy.Count(static request => request.Turn.IsCompleted));
    }

    [Fact]
    public void A_full_queue_turns_its_flow_away_and_nobody_else()
    {
        var level = Level(Queued with { HandSize = 1 });
        for (var i = 0; i < 2 + Queued.QueueLength; i++)
        {
            Begin(level, flow: 1);
        }

        Assert.Equal(Refusal.QueueFull, level.Begin(new SeatRequest("schema", 1, 1)));
        Assert.Equal(Refusal.None, level.Begin(new SeatRequest("schema", 2, 1)));
    }

    [Fact]
    public void A_level_without_queues_turns_away_what_finds_no_seat()
    {
        var level = Level(Queued with { Queues = 0 });
        var first = Begin(level, flow: 1);
        Begin(level, flow: 2);
        Assert.Equal(Refusal.ConcurrencyLimit, level.Begin(new SeatRequest("schema", 3, 1)));

        level.Complete(first);
        Assert.Equal(Refusal.None, level.Begin(new SeatRequest("schema", 3, 1)));
    }

    [Fact]
    public void An_exempt_level_holds_nothing_up()
    {
        var level = Level(Queued with { IsExempt = true, Queues = 0, Nominal = 0 });
        Assert.All(Enumerable.Range(0, 100), i => Assert.True(Begin(level, (ulong)i).Turn.IsCompleted));
    }

    [Fact]
    public void A_request_wider_than_all_seats_goes_on_when_the_level_is_empty()
    {
        var level = Level(Queued);
        var small = Begin(level, flow: 1);
        var wide = Begin(level, flow: 2, seats: 5);
        Assert.False(wide.Turn.IsCompleted);

        level.Complete(small);

        Assert.True(wide.Turn.IsCompleted);
        Assert.False(Begin(level, flow: 3).Turn.IsCompleted);
    }

    [Fact]
    public void A_request_that_gives_up_leaves_its_place_and_one_whose_turn_has_come_does_not()
    {
        var level = Level(Queued with { Nominal = 1 });
        var first = Begin(level, flow: 1);
        var (second, third) = (Begin(level, flow: 1), Begin(level, flow: 1));

        Assert.True(level.GiveUp(second));
        Assert.False(level.GiveUp(first));
        level.Complete(first);

        Assert.False(second.Turn.IsCompleted);
        Assert.True(third.Turn.IsCompleted);
    }

    [Fact]
    public void Those_that_wait_keep_their_turn_when_the_level_changes()
    {
        var level = Level(Queued with { Nominal = 1 });
        Begin(level, flow: 1);
        var waiting = Begin(level, flow: 1);
        Assert.False(waiting.Turn.IsCompleted);

        level.Settings = Queued with { Queues = 8, HandSize = 2 };
        Assert.Equal(1, level.Look().Waiting);
        level.Limit = 2;
        Assert.True(waiting.Turn.IsCompleted);

        var last = Begin(level, flow: 1);
        level.Settings = Queued with { Queues = 0 };
        Assert.True(last.Turn.IsCompleted);
    }

    private PriorityLevel Level(LevelSettings settings) => new("level", "uid", settings, _time);

    private SeatRequest Begin(PriorityLevel level, ulong flow, int seats = 1)
    {
        var request = new SeatRequest("schema", flow, seats) { Arrived = _time.GetTimestamp() };
        Assert.Equal(Refusal.None, level.Begin(request));
        return request;
    }
}
