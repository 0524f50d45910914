using Kybernet.Cluster.Node;

namespace Kybernet.Cluster.Tests.Node;

public sealed class HostNetworkTests
{
    private const string Header = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
    private const string DefaultRoute = "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";

    [Fact]
    public void The_first_cluster_takes_the_usual_network() =>
        Assert.Equal("10.244.0.0/16", HostNetwork.ChoosePodCidr(Header + DefaultRoute, "kyb-0", null, _ => true));

    [Fact]
    public void A_second_cluster_takes_the_next() =>
        Assert.Equal("10.245.0.0/16", HostNetwork.ChoosePodCidr(Header + DefaultRoute + "kyb-1\t0000F40A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n", "kyb-0", null, _ => true));

    [Fact]
    public void A_network_that_another_cluster_has_claimed_before_its_first_pod_is_passed_over() =>
        Assert.Equal("10.245.0.0/16", HostNetwork.ChoosePodCidr(Header + DefaultRoute, "kyb-0", null, cidr => cidr != "10.244.0.0/16"));

    [Theory]
    [InlineData("kyb-0", "10.244.0.0/16")]
    [InlineData("kyb-1", "10.245.0.0/16")]
    public void A_restart_keeps_its_network_unless_another_has_taken_it(string bridge, string expected) =>
        Assert.Equal(expected, HostNetwork.ChoosePodCidr(
            Header + DefaultRoute + bridge + "\t0000F40A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n", "kyb-0", "10.244.0.0/16", _ => true));

    [Fact]
    public void A_machine_that_lives_in_the_network_itself_is_told_so() =>
        Assert.Throws<ClusterException>(() => HostNetwork.ChoosePodCidr(Header + "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n", "kyb-0", null, _ => true));

    [Fact]
    public void Mounts_below_a_folder_come_newest_first_and_unescaped()
    {
        const string mountInfo = "21 1 254:0 / / rw - ext4 /dev/vda rw\n"
            + "30 21 0:30 / /data/a rw - tmpfs tmpfs rw\n"
            + "31 30 0:31 / /data/a/with\\040space rw - tmpfs tmpfs rw\n"
            + "32 21 0:32 / /database rw - tmpfs tmpfs rw\n";

        Assert.Equal(["/data/a/with space", "/data/a"], MountTable.Below(mountInfo, "/data"));
    }
}
