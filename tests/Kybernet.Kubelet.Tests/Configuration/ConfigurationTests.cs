using Kybernet.Kubelet.Configuration;

namespace Kybernet.Kubelet.Tests.Configuration;

public sealed class ConfigurationTests
{
    private static readonly KubeletOptions Options = new() { NodeName = "n", RootDirectory = "/root", RuntimeEndpoint = "unix:///r", NodeIP = "192.0.2.1" };

    [Fact]
    public void A_file_sets_what_it_names_and_leaves_the_rest()
    {
        var options = ConfigurationReader.Apply(Options, """
            apiVersion: kubelet.config.k8s.io/v1beta1
            kind: KubeletConfiguration
            staticPodPath: /etc/kubernetes/manifests
            fileCheckFrequency: 5s
            maxPods: 20
            containerLogMaxSize: 2Mi
            clusterDNS: [10.96.0.10, 10.96.0.11]
            authentication:
              anonymous: {enabled: true}
              x509: {clientCAFile: /pki/ca.crt}
            authorization: {mode: AlwaysAllow}
            registerWithTaints: [{key: dedicated, value: db, effect: NoSchedule}]
            """);

        Assert.Equal("/etc/kubernetes/manifests", options.StaticPodDirectory);
        Assert.Equal(TimeSpan.FromSeconds(5), options.StaticPodPeriod);
        Assert.Equal((20, 2L << 20), (options.MaxPods, options.ContainerLogMaxBytes));
        Assert.Equal(["10.96.0.10", "10.96.0.11"], options.ClusterDns);
        Assert.Equal((true, true, true), (options.AnonymousAuthentication, options.TokenAuthentication, options.AllowAllCallers));
        Assert.Equal("/pki/ca.crt", options.ClientAuthorityFile);
        Assert.Equal(("dedicated", "db", "NoSchedule"), Assert.Single(options.Taints) is var taint ? (taint.Key, taint.Value, taint.Effect) : default);
        Assert.Equal("cluster.local", options.ClusterDomain);
    }

    [Theory]
    [InlineData("maxPod: 20", "strict decoding error: unknown field \"maxPod\"")]
    [InlineData("authentication: {anonymous: {enable: true}}", "strict decoding error: unknown field \"authentication.anonymous.enable\"")]
    [InlineData("maxPods: many", "maxPods: invalid value")]
    [InlineData("authorization: {mode: Never}", "unknown authorization mode Never")]
    public void What_it_does_not_know_is_refused(string line, string problem)
    {
        var exception = Assert.Throws<FormatException>(
            () => ConfigurationReader.Apply(Options, $"apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n{line}\n"));

        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_kind_is_refused() => Assert.Throws<FormatException>(() => ConfigurationReader.Apply(Options, "apiVersion: v1\nkind: Pod\n"));

    [Fact]
    public void Flags_are_read_as_their_fields_are()
    {
        var options = ConfigurationReader.Apply(Options, "maxPods", "30");
        options = ConfigurationReader.Apply(options, "clusterDNS", "10.96.0.10,10.96.0.11");
        options = ConfigurationReader.Apply(options, "authentication.anonymous.enabled", "true");
        options = ConfigurationReader.Apply(options, "staticPodPath", "/manifests");

        Assert.Equal((30, true, "/manifests"), (options.MaxPods, options.AnonymousAuthentication, options.StaticPodDirectory));
        Assert.Equal(["10.96.0.10", "10.96.0.11"], options.ClusterDns);
    }

    [Fact]
    public void Maps_are_read_from_flags_with_either_sign()
    {
        var options = ConfigurationReader.Apply(Options, "evictionSoft", "memory.available<20%,nodefs.available<1Gi");
        options = ConfigurationReader.Apply(options, "evictionSoftGracePeriod", "memory.available=1m30s,nodefs.available=5s");
        options = ConfigurationReader.Apply(options, "systemReserved", "cpu=500m");

        Assert.Equal(("20%", "1Gi"), (options.EvictionSoft["memory.available"], options.EvictionSoft["nodefs.available"]));
        Assert.Equal(("1m30s", "500m"), (options.EvictionSoftGrace["memory.available"], options.SystemReserved["cpu"]));
        ConfigurationReader.Check(options);
    }

    [Fact]
    public void What_makes_no_sense_together_is_refused()
    {
        var options = Options with { ImageCollectionHighPercent = 70 };

        var exception = Assert.Throws<FormatException>(() => ConfigurationReader.Check(options));

        Assert.Equal(
            "invalid configuration: imageGCLowThresholdPercent (--image-gc-low-threshold) 80 must be less than imageGCHighThresholdPercent (--image-gc-high-threshold) 70",
            exception.Message);
    }

    [Fact]
    public void What_is_written_reads_as_the_same()
    {
        var options = Options with { MaxPods = 7, ClusterDns = ["10.96.0.10"], SyncPeriod = TimeSpan.FromSeconds(90), ListenAddress = "127.0.0.1" };
        var written = ConfigurationWriter.Write(options);
        written["apiVersion"] = "kubelet.config.k8s.io/v1beta1";
        written["kind"] = "KubeletConfiguration";

        var read = ConfigurationReader.Apply(Options, written.ToJsonString());

        Assert.Equal((7, TimeSpan.FromSeconds(90), "127.0.0.1"), (read.MaxPods, read.SyncPeriod, read.ListenAddress));
        Assert.Equal(["10.96.0.10"], read.ClusterDns);
    }
}
