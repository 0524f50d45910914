using Kybernet.Api.Core.V1;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Nodes;

/// <summary>Who containers run as and what they may do.</summary>
public sealed class SecurityContextTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("id -u", "{runAsUser: 65534}", "{}", "65534\n")]
    [InlineData("id -u; id -g", "{runAsUser: 1001, runAsGroup: 2002}", "{}", "1001\n2002\n")]
    [InlineData("id -u; id -g", "{}", "{runAsUser: 1001, runAsGroup: 2002}", "1001\n2002\n")]
    [InlineData("id -u; id -g", "{runAsUser: 1003}", "{runAsUser: 1001, runAsGroup: 2002}", "1003\n2002\n")]
    [InlineData("id -G", "{}", "{runAsUser: 1001, runAsGroup: 2002, supplementalGroups: [3003]}", "2002 3003\n")]
    [InlineData("touch /etc/x 2>/dev/null || echo refused", "{readOnlyRootFilesystem: true}", "{}", "refused\n")]
    [InlineData("touch /etc/x && echo written", "{readOnlyRootFilesystem: false}", "{}", "written\n")]
    [InlineData("ip link add dummy9 type dummy 2>/dev/null || echo refused", "{privileged: false}", "{}", "refused\n")]
    [InlineData("grep -c 'NoNewPrivs:.1' /proc/self/status", "{allowPrivilegeEscalation: false, runAsUser: 1001}", "{}", "1\n")]
    [InlineData("grep CapEff /proc/self/status", "{capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}", "{}", "CapEff:\t0000000000000400\n")]
    [InlineData("grep 'Seccomp:' /proc/self/status", "{seccompProfile: {type: RuntimeDefault}}", "{}", "Seccomp:\t2\n")]
    [InlineData("cat /proc/sys/kernel/shm_rmid_forced", "{}", "{sysctls: [{name: kernel.shm_rmid_forced, value: '1'}]}", "1\n")]
    [Trait("Conformance", "security-context-runasuser-65534")]
    [Trait("Conformance", "security-context-test-runasgroup-at-container-level")]
    [Trait("Conformance", "security-context-test-runasgroup-at-pod-level")]
    [Trait("Conformance", "kubelet-pod-with-read-only-root-file-system")]
    [Trait("Conformance", "security-context-readonlyrootfilesystem-false")]
    [Trait("Conformance", "security-context-privileged-false")]
    [Trait("Conformance", "security-context-allowprivilegeescalation-false")]
    [Trait("Conformance", "sysctl-test-sysctls")]
    public async Task A_container_is_confined_as_it_and_its_pod_say(string script, string container, string pod, string expected)
    {
        await using var space = await cluster.NamespaceAsync(Token);

        Assert.Equal(expected, await space.PodSucceedsAsync(PodYaml.Script(script, $"securityContext: {container}", $"securityContext: {pod}")));
    }

    [Fact]
    public async Task Root_is_refused_where_it_must_not_be()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        await space.ApplyAsync<Pod>(PodYaml.Script("true", "securityContext: {runAsNonRoot: true}"));

        var pod = await space.WaitForAsync<Pod>(
            "pod", static pod => pod.Status.ContainerStatuses is [{ State.Waiting.Reason: "CreateContainerConfigError" }], "refused");
        Assert.StartsWith("container has runAsNonRoot and image will run as root", pod.Status.ContainerStatuses[0].State!.Waiting!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sysctl_that_is_not_safe_is_forbidden()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        var pod = await space.PodEndsAsync(PodYaml.Script("true", "", "securityContext: {sysctls: [{name: kernel.msgmax, value: '65536'}]}"));

        Assert.Equal(("Failed", "SysctlForbidden"), (pod.Status.Phase, pod.Status.Reason));
    }
}
