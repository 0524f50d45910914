using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Kubelet.Cpus;

namespace Kybernet.Kubelet.Tests.Cpus;

public sealed class CpuManagerTests : IDisposable
{
    private static readonly CpuTopology FourCores = new([.. Enumerable.Range(0, 4).Select(static id => new Cpu(id, 0, id))]);

    private readonly string _folder = Directory.CreateTempSubdirectory("kybernet-cpus-").FullName;

    private string File => Path.Combine(_folder, "cpu_manager_state");

    [Fact]
    public void Whole_processors_of_guaranteed_pods_are_theirs_alone_until_they_end()
    {
        var manager = Static();

        Assert.Null(manager.Admit(Pod("guaranteed", "2")));
        Assert.Null(manager.Admit(Pod("half", "1500m")));
        Assert.Null(manager.Admit(Pod("burstable", "1", memoryLimit: "2Mi")));

        Assert.Equal("1-2", manager.CpusOf("guaranteed", "c"));
        Assert.All((string[])["half", "burstable", "unknown"], uid => Assert.Equal("0,3", manager.CpusOf(uid, "c")));

        manager.Release("guaranteed");
        Assert.Equal("0-3", manager.CpusOf("half", "c"));
    }

    [Fact]
    public void A_pod_that_wants_more_than_is_left_is_turned_away_and_gets_nothing()
    {
        var manager = Static();

        var problem = manager.Admit(Pod("greedy", "4"));

        Assert.Equal(
            ("UnexpectedAdmissionError", "Allocate failed due to not enough cpus available to satisfy request: requested=4, available=3, which is unexpected"),
            (problem?.Reason, problem?.Message));
        Assert.Equal("0-3", manager.CpusOf("greedy", "c"));
    }

    [Fact]
    public void Containers_get_those_of_init_containers_that_end_before_them_but_not_those_of_sidecars()
    {
        var manager = Static();
        var pod = Pod("pod", "1");
        pod = pod with { Spec = pod.Spec with { InitContainers = [pod.Spec.Containers[0] with { Name = "first" }, pod.Spec.Containers[0] with { Name = "sidecar", RestartPolicy = "Always" }] } };

        Assert.Null(manager.Admit(pod));

        Assert.Equal(["1", "1", "2"], ((string[])["first", "sidecar", "c"]).Select(name => manager.CpusOf("pod", name)));
    }

    [Fact]
    public void The_next_start_knows_who_has_what()
    {
        Static().Admit(Pod("pod", "1"));

        Assert.Equal("1", Static().CpusOf("pod", "c"));
        Assert.Equal("0,2-3", Static().CpusOf("other", "c"));
        var state = JsonNode.Parse(System.IO.File.ReadAllText(File))!;
        Assert.Equal(("static", "0,2-3", "1"), ((string?)state["policyName"], (string?)state["defaultCpuSet"], (string?)state["entries"]!["pod"]!["c"]));
    }

    // These are of files that upstream's kubelets and tests have written.
    [Fact]
    public void The_checksum_is_upstreams()
    {
        Assert.Equal(1353318690u, CpuStateFile.ChecksumOf(CpuAssignments.None("none", CpuSet.Empty)));
        Assert.Equal(354655845u, CpuStateFile.ChecksumOf(CpuAssignments.None("none", CpuSet.Parse("4-6"))));
    }

    [Theory]
    [InlineData("""{"policyName":"none","defaultCpuSet":"","checksum":1353318690}""", "configured policy \"static\" differs from state checkpoint policy \"none\"")]
    [InlineData("""{"policyName":"static","defaultCpuSet":"0-3","checksum":7}""", "checkpoint is corrupted")]
    [InlineData("""{"policyName":"static","defaultCpuSet":"1-3","checksum":0}""", "not all reserved cpus: \"0\" are present in defaultCpuSet: \"1-3\"")]
    [InlineData("""{"policyName":"static","defaultCpuSet":"0-7","checksum":0}""", "current set of available CPUs \"0-3\" doesn't match with CPUs in state \"0-7\"")]
    [InlineData("""{"policyName":"static","defaultCpuSet":"0-3","entries":{"p":{"c":"3"}},"checksum":0}""", "pod: p, container: c cpuset: \"3\" overlaps with default cpuset \"0-3\"")]
    [InlineData("{", "please drain this node and delete the CPU manager checkpoint file")]
    public void A_state_that_does_not_fit_is_refused(string state, string problem)
    {
        System.IO.File.WriteAllText(File, state);

        Assert.Contains(problem, Assert.Throws<CpuManagerException>(() => Static()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Something_has_to_be_kept_for_the_system() =>
        Assert.Contains("to be greater than zero", Assert.Throws<CpuManagerException>(() => Static(reserved: "")).Message, StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private CpuManager Static(string reserved = "0") => new(
        new KubeletOptions { NodeName = "n", RootDirectory = _folder, RuntimeEndpoint = "unix:///r", NodeIP = "192.0.2.1", CpuManagerPolicy = "static", ReservedCpus = reserved },
        FourCores,
        new CpuStateFile(File));

    private static Pod Pod(string uid, string cpu, string memoryLimit = "1Mi")
    {
        Dictionary<string, Quantity> Amounts(string memory) => new() { ["cpu"] = Quantity.Parse(cpu), ["memory"] = Quantity.Parse(memory) };
        return new Pod
        {
            Metadata = new ObjectMeta { Uid = uid },
            Spec = new PodSpec { Containers = [new Container { Name = "c", Resources = new ResourceRequirements { Requests = Amounts("1Mi"), Limits = Amounts(memoryLimit) } }] },
        };
    }
}
