using Kybernet.ApiServer.FlowControl;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.ApiServer.Tests.FlowControl;

/// <summary>How flows are dealt to queues, and seats to levels.</summary>
public sealed class SharingTests
{
    [Fact]
    public void A_hand_is_of_different_queues_in_order_and_every_hand_is_dealt()
    {
        var hands = new HashSet<(int, int, int)>();
        for (ulong hash = 0; hash < 6 * 5 * 4; hash++)
        {
            var hand = new int[3];
            ShuffleSharding.Deal(hash, 6, hand);
            Assert.True(hand[0] < hand[1] && hand[1] < hand[2] && hand[0] >= 0 && hand[2] < 6, string.Join(' ', hand));
            hands.Add((hand[0], hand[1], hand[2]));
        }
        Assert.Equal(20, hands.Count);
    }

    [Fact]
    public void Flows_of_one_schema_are_told_apart_and_so_are_schemas()
    {
        Assert.NotEqual(ShuffleSharding.HashOf("schema", "a"), ShuffleSharding.HashOf("schema", "b"));
        Assert.NotEqual(ShuffleSharding.HashOf("ab", "c"), ShuffleSharding.HashOf("a", "bc"));
    }

    [Theory]
    [InlineData(10, 5, 5)] // both want the same, and share alike
    [InlineData(30, 15, 15)]
    [InlineData(6, 3, 3)]
    public void Equal_claims_get_equal_shares(double total, double first, double second) =>
        Assert.Equal([first, second], Share(total, new(1, 100, 8), new(1, 100, 8)));

    [Fact]
    public void Claims_get_the_same_fraction_of_what_they_want_within_their_bounds()
    {
        Assert.Equal([5, 15], Share(20, new(1, 100, 10), new(1, 100, 30)));
        Assert.Equal([8, 12], Share(20, new(8, 100, 10), new(1, 100, 30)));
        Assert.Equal([10, 10], Share(20, new(1, 100, 10), new(1, 10, 30)));
        Assert.Equal([8, 7], Share(12, new(8, 100, 1), new(7, 100, 1)));
    }

    [Fact]
    public void Demand_is_high_at_once_and_falls_slowly()
    {
        var time = new FakeTimeProvider();
        var demand = new SeatDemand(time);
        demand.Set(40);
        time.Advance(TimeSpan.FromSeconds(10));
        demand.EndPeriod();
        Assert.Equal((40, 40), (demand.Smoothed, demand.Peak));

        demand.Set(0);
        time.Advance(TimeSpan.FromSeconds(10));
        demand.EndPeriod();
        time.Advance(TimeSpan.FromSeconds(10));
        demand.EndPeriod();
        Assert.Equal(0, demand.Peak);
        Assert.InRange(demand.Smoothed, 30, 40);
    }

    private static double[] Share(double total, params FairAllocation.Claim[] claims) => [.. FairAllocation.Share(total, claims).Select(static share => Math.Round(share, 3))];
}
