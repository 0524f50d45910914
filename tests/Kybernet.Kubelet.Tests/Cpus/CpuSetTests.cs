using Kybernet.Kubelet.Cpus;

namespace Kybernet.Kubelet.Tests.Cpus;

public sealed class CpuSetTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("3", "3")]
    [InlineData("0-3,7,5-6", "0-3,5-7")]
    [InlineData("2,1,0", "0-2")]
    public void It_is_read_and_written_as_the_kernel_does(string text, string written) => Assert.Equal(written, CpuSet.Parse(text).ToString());

    [Theory]
    [InlineData("a")]
    [InlineData("3-1")]
    [InlineData("-1")]
    public void What_is_none_is_refused(string text) => Assert.Throws<FormatException>(() => CpuSet.Parse(text));

    // Two packages of two cores of two threads; the threads of a core are four apart, as many machines number them.
    [Theory]
    [InlineData("0-7", 1, "0")]
    [InlineData("0-7", 2, "0,4")]
    [InlineData("0-7", 3, "0-1,4")]
    [InlineData("0-7", 4, "0-1,4-5")]
    [InlineData("1-7", 1, "4")]
    [InlineData("1-7", 2, "1,5")]
    [InlineData("1-7", 4, "2-3,6-7")]
    [InlineData("1,4,6", 2, "4,6")]
    [InlineData("1,2", 3, null)]
    public void What_is_whole_stays_whole(string free, int count, string? taken)
    {
        var topology = new CpuTopology([.. Enumerable.Range(0, 8).Select(static id => new Cpu(id, id % 4 / 2, id % 2))]);

        Assert.Equal(taken is null ? null : CpuSet.Parse(taken), CpuPicker.Take(topology, CpuSet.Parse(free), count));
    }
}
