using Kybernet.Api.Core.V1;
using Kybernet.Controllers.Endpoints;

namespace Kybernet.Controllers.Tests;

/// <summary>What an Endpoints object holds of more than it has room for.</summary>
public sealed class EndpointsCapacityTests
{
    [Fact]
    public void As_many_as_there_is_room_for_are_all_there()
    {
        EndpointSubset[] subsets = [Subset(600, 400)];
        Assert.Equal((subsets, false), EndpointsCapacity.Fit(subsets));
    }

    [Fact]
    public void Those_that_are_not_ready_share_what_the_ready_leave()
    {
        var (subsets, isTruncated) = EndpointsCapacity.Fit([Subset(300, 400), Subset(500, 800)]);
        Assert.True(isTruncated);
        Assert.Equal([(300, 67), (500, 133)], Counts(subsets));
    }

    [Fact]
    public void Ready_ones_share_in_proportion_and_a_subset_that_gets_nothing_goes()
    {
        var (subsets, isTruncated) = EndpointsCapacity.Fit([Subset(1500, 10), Subset(0, 7), Subset(500, 0)]);
        Assert.True(isTruncated);
        Assert.Equal([(750, 0), (250, 0)], Counts(subsets));
    }

    private static IEnumerable<(int, int)> Counts(IReadOnlyList<EndpointSubset> subsets) =>
        subsets.Select(static subset => (subset.Addresses.Count, subset.NotReadyAddresses.Count));

    private static EndpointSubset Subset(int ready, int notReady) => new() { Addresses = Addresses(ready), NotReadyAddresses = Addresses(notReady) };

    private static EndpointAddress[] Addresses(int count) => [.. Enumerable.Range(0, count).Select(static i => new EndpointAddress { Ip = $"10.0.{i / 250}.{i % 250}" })];
}
