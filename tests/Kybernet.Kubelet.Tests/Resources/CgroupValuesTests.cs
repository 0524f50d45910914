using Kybernet.Kubelet.Resources;

namespace Kybernet.Kubelet.Tests.Resources;

public sealed class CgroupValuesTests
{
    [Fact]
    public void Amounts_become_the_kernels_figures()
    {
        Assert.Equal([2, 2, 102, 1024, 262144], ((long[])[0, 1, 100, 1000, 1_000_000]).Select(CgroupValues.Shares));
        Assert.Equal([0, 1000, 50_000, 200_000], ((long[])[0, 5, 500, 2000]).Select(CgroupValues.Quota));
        Assert.Equal([1, 39, 10_000], ((long[])[2, 1024, 262144]).Select(CgroupValues.Weight));
    }

    [Theory]
    [InlineData("Guaranteed", 0, -997)]
    [InlineData("BestEffort", 0, 1000)]
    [InlineData("Burstable", 0, 999)]
    [InlineData("Burstable", 50, 500)]
    [InlineData("Burstable", 100, 3)]
    public void Who_was_promised_more_memory_is_killed_later(string qosClass, long request, long expected) =>
        Assert.Equal(expected, CgroupValues.OomScoreAdjustment(qosClass, isNodeCritical: false, request, 100));
}
