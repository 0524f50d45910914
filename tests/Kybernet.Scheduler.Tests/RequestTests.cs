using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Tests;

public sealed class RequestTests
{
    public static TheoryData<string, long, long> Pods => new()
    {
        { """{"containers":[{"name":"a"}]}""", 0, 0 },
        { """{"containers":[{"name":"a","resources":{"requests":{"cpu":"1","memory":"1Ki"}}},{"name":"b","resources":{"requests":{"cpu":"250m","memory":"1k"}}}]}""", 1250, 2024 },
        { """{"containers":[{"name":"a","resources":{"requests":{"cpu":"100m"}}}],"initContainers":[{"name":"i","resources":{"requests":{"cpu":"2"}}},{"name":"j","resources":{"requests":{"cpu":"1"}}}]}""", 2000, 0 },
        { """{"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}],"initContainers":[{"name":"s","restartPolicy":"Always","resources":{"requests":{"cpu":"500m"}}}]}""", 1500, 0 },
        { """{"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}],"initContainers":[{"name":"s","restartPolicy":"Always","resources":{"requests":{"cpu":"500m"}}},{"name":"i","resources":{"requests":{"cpu":"2"}}}]}""", 2500, 0 },
        { """{"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}],"overhead":{"cpu":"120m","memory":"100"}}""", 1120, 100 },
        { """{"containers":[{"name":"a","resources":{"requests":{"cpu":"1","memory":"10"}}}],"resources":{"requests":{"cpu":"3"}}}""", 3000, 10 },
    };

    [Theory]
    [MemberData(nameof(Pods))]
    public void A_pod_asks_for_what_its_containers_need_at_the_worst_moment(string spec, long milliCpu, long memory)
    {
        var facts = new FactsCompiler().Compile(Objects.Pod("p", spec));

        Assert.Equal(milliCpu, facts.Request.MilliCpu);
        Assert.Equal(memory, facts.Request.Memory);
    }

    [Fact]
    public void Scoring_counts_a_container_without_requests_as_a_small_one()
    {
        var facts = new FactsCompiler().Compile(Objects.Pod("p", """{"containers":[{"name":"a"},{"name":"b","resources":{"requests":{"cpu":"1"}}}]}"""));

        Assert.Equal(1100, facts.ScoredMilliCpu);
        Assert.Equal(2 * 200L * 1024 * 1024, facts.ScoredMemory);
    }

    [Fact]
    public void While_a_container_is_resized_the_larger_amount_counts()
    {
        var pod = Objects.Pod(
            "p",
            """{"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}]}""",
            status: """{"containerStatuses":[{"name":"a","image":"","imageID":"","ready":true,"restartCount":0,"allocatedResources":{"cpu":"2"}}]}""");

        Assert.Equal(2000, new FactsCompiler().Compile(pod).Request.MilliCpu);
    }
}
