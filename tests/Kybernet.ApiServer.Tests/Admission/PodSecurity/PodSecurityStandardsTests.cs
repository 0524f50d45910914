using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Admission.PodSecurity;

namespace Kybernet.ApiServer.Tests.Admission.PodSecurity;

public sealed class PodSecurityStandardsTests
{
    private const string AppArmor = "metadata|annotations|container.apparmor.security.beta.kubernetes.io/";
    private const string Seccomp = "metadata|annotations|container.seccomp.security.alpha.kubernetes.io/";

    [Theory]
    [InlineData("baseline:latest", "")]
    [InlineData("restricted:latest", "")]
    [InlineData("restricted:v1.0", "")]
    [InlineData("privileged:latest", "spec|hostNetwork=true; spec|containers|0|securityContext|privileged=true")]
    // What baseline lets be, and restricted does not.
    [InlineData("baseline:latest", "spec|securityContext=null; spec|containers|0|securityContext=null; spec|containers|1|securityContext=null")]
    [InlineData("baseline:latest", "spec|securityContext|runAsUser=0; spec|containers|0|securityContext|capabilities|add=[\"CHOWN\",\"SYS_CHROOT\"]")]
    [InlineData("restricted:latest", "spec|containers|0|securityContext|capabilities|add=[\"NET_BIND_SERVICE\"]")]
    [InlineData("baseline:latest", "spec|containers|0|securityContext|seLinuxOptions={\"type\":\"container_engine_t\",\"level\":\"s0\"}")]
    [InlineData("baseline:latest", "spec|securityContext|appArmorProfile={\"type\":\"Localhost\",\"localhostProfile\":\"x\"}; " + AppArmor + "a=\"localhost/x\"; " + AppArmor + "b=\"\"")]
    [InlineData("baseline:latest", "spec|securityContext|sysctls=[{\"name\":\"net.ipv4.tcp_rmem\",\"value\":\"1\"}]")]
    [InlineData("baseline:v1.29", "spec|securityContext|sysctls=[{\"name\":\"net.ipv4.tcp_fin_timeout\",\"value\":\"1\"}]")]
    [InlineData("baseline:v1.27", "spec|securityContext|sysctls=[{\"name\":\"net.ipv4.ip_local_reserved_ports\",\"value\":\"1\"}]")]
    [InlineData("restricted:v1.32", "spec|volumes=[{\"name\":\"v\",\"image\":{\"reference\":\"x\"}},{\"name\":\"w\",\"ephemeral\":{}},{\"name\":\"x\",\"csi\":{\"driver\":\"d\"}}]")]
    // What was asked for only later.
    [InlineData("restricted:v1.7", "spec|containers|0|securityContext|allowPrivilegeEscalation=null")]
    [InlineData("restricted:v1.21", "spec|containers|0|securityContext|capabilities=null")]
    [InlineData("restricted:v1.22", "spec|securityContext|runAsUser=0")]
    [InlineData("restricted:v1.18", "spec|securityContext|seccompProfile=null")]
    [InlineData("baseline:v1.33", "spec|containers|0|livenessProbe={\"httpGet\":{\"port\":1,\"host\":\"h\"}}")]
    // Pods for Windows, and pods whose root is nobody's.
    [InlineData("restricted:v1.25", "spec|os={\"name\":\"windows\"}; spec|securityContext|seccompProfile=null; spec|containers|0|securityContext=null")]
    [InlineData("restricted:latest", "spec|hostUsers=false; spec|securityContext={\"runAsUser\":0,\"seccompProfile\":{\"type\":\"Localhost\"}}")]
    [InlineData("baseline:latest", "spec|hostUsers=false; spec|containers|0|securityContext|procMount=\"Unmasked\"")]
    [InlineData("restricted:latest", "spec|securityContext|runAsNonRoot=null; spec|containers|0|securityContext|runAsNonRoot=true; spec|containers|1|securityContext|runAsNonRoot=true")]
    public void A_pod_that_keeps_to_the_standards_is_let_in(string policy, string changes) => Assert.Equal("", Judge(policy, changes));

    [Theory]
    [InlineData("baseline:latest", "spec|hostNetwork=true; spec|hostIPC=true; spec|hostPID=true", "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)")]
    [InlineData("baseline:latest", "spec|containers|0|securityContext|privileged=true", "privileged (container \"a\" must not set securityContext.privileged=true)")]
    [InlineData("baseline:latest", "spec|initContainers=[{\"name\":\"i\",\"securityContext\":{\"privileged\":true}}]; spec|ephemeralContainers=[{\"name\":\"e\",\"securityContext\":{\"privileged\":true}}]", "privileged (containers \"i\", \"e\" must not set securityContext.privileged=true)")]
    [InlineData("baseline:latest", "spec|containers|0|securityContext|capabilities|add=[\"SYS_ADMIN\",\"CHOWN\"]; spec|containers|1|securityContext|capabilities|add=[\"NET_RAW\"]", "non-default capabilities (containers \"a\", \"b\" must not include \"NET_RAW\", \"SYS_ADMIN\" in securityContext.capabilities.add)")]
    [InlineData("restricted:v1.21", "spec|containers|0|securityContext|capabilities|add=[\"SYS_ADMIN\"]", "non-default capabilities (container \"a\" must not include \"SYS_ADMIN\" in securityContext.capabilities.add)")]
    [InlineData("baseline:latest", "spec|volumes=[{\"name\":\"v\",\"hostPath\":{\"path\":\"/\"}},{\"name\":\"w\",\"hostPath\":{\"path\":\"/\"}}]", "hostPath volumes (volumes \"v\", \"w\")")]
    [InlineData("baseline:latest", "spec|containers|0|ports=[{\"containerPort\":1,\"hostPort\":80},{\"containerPort\":2}]", "hostPort (container \"a\" uses hostPort 80)")]
    [InlineData("baseline:latest", "spec|containers|0|ports=[{\"containerPort\":1,\"hostPort\":80}]; spec|containers|1|ports=[{\"containerPort\":1,\"hostPort\":443}]", "hostPort (containers \"a\", \"b\" use hostPorts 443, 80)")]
    [InlineData("baseline:v1.34", "spec|containers|1|livenessProbe={\"tcpSocket\":{\"port\":1,\"host\":\"h\"}}; spec|containers|0|lifecycle={\"preStop\":{\"httpGet\":{\"port\":1,\"host\":\"g\"}}}", "probe or lifecycle host (containers \"a\", \"b\" use probe or lifecycle hosts \"g\", \"h\")")]
    [InlineData("baseline:latest", "spec|securityContext|appArmorProfile={\"type\":\"Unconfined\"}", "forbidden AppArmor profile (pod must not set AppArmor profile type to \"Unconfined\")")]
    [InlineData("baseline:v1.0", "spec|containers|0|securityContext|appArmorProfile={\"type\":\"Unconfined\"}; " + AppArmor + "b=\"unconfined\"", "forbidden AppArmor profiles (container \"a\" and annotation must not set AppArmor profile type to \"Unconfined\", \"container.apparmor.security.beta.kubernetes.io/b=\"unconfined\"\")")]
    [InlineData("baseline:latest", "spec|securityContext|seLinuxOptions={\"type\":\"spc_t\",\"user\":\"u\"}; spec|containers|1|securityContext|seLinuxOptions={\"role\":\"r\"}", "seLinuxOptions (pod and container \"b\" set forbidden securityContext.seLinuxOptions: type \"spc_t\"; user may not be set; role may not be set)")]
    [InlineData("baseline:v1.30", "spec|securityContext|seLinuxOptions={\"type\":\"container_engine_t\"}", "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"container_engine_t\")")]
    [InlineData("baseline:latest", "spec|containers|0|securityContext|procMount=\"Unmasked\"", "procMount (container \"a\" must not set securityContext.procMount to \"Unmasked\")")]
    [InlineData("baseline:v1.34", "spec|hostUsers=false; spec|containers|0|securityContext|procMount=\"Unmasked\"", "procMount (container \"a\" must not set securityContext.procMount to \"Unmasked\")")]
    [InlineData("restricted:latest", "spec|hostUsers=false; spec|containers|0|securityContext|procMount=\"Unmasked\"", "procMount (container \"a\" must not set securityContext.procMount to \"Unmasked\")")]
    [InlineData("baseline:latest", "spec|securityContext|seccompProfile={\"type\":\"Unconfined\"}; spec|containers|0|securityContext|seccompProfile={\"type\":\"Unconfined\"}", "seccompProfile (pod and container \"a\" must not set securityContext.seccompProfile.type to \"Unconfined\")")]
    [InlineData("baseline:v1.18", Seccomp + "a=\"unconfined\"; " + Seccomp + "b=\"runtime/default\"", "seccompProfile (forbidden annotation container.seccomp.security.alpha.kubernetes.io/a=\"unconfined\")")]
    [InlineData("baseline:latest", "spec|securityContext|sysctls=[{\"name\":\"kernel.msgmax\",\"value\":\"1\"},{\"name\":\"kernel.sem\",\"value\":\"1\"}]", "forbidden sysctls (kernel.msgmax, kernel.sem)")]
    [InlineData("baseline:v1.31", "spec|securityContext|sysctls=[{\"name\":\"net.ipv4.tcp_rmem\",\"value\":\"1\"}]", "forbidden sysctls (net.ipv4.tcp_rmem)")]
    [InlineData("baseline:v1.28", "spec|securityContext|sysctls=[{\"name\":\"net.ipv4.tcp_fin_timeout\",\"value\":\"1\"}]", "forbidden sysctls (net.ipv4.tcp_fin_timeout)")]
    [InlineData("baseline:v1.26", "spec|securityContext|sysctls=[{\"name\":\"net.ipv4.ip_local_reserved_ports\",\"value\":\"1\"}]", "forbidden sysctls (net.ipv4.ip_local_reserved_ports)")]
    [InlineData("baseline:latest", "spec|securityContext|windowsOptions={\"hostProcess\":true}; spec|containers|0|securityContext|windowsOptions={\"hostProcess\":true}", "hostProcess (pod and container \"a\" must not set securityContext.windowsOptions.hostProcess=true)")]
    [InlineData("restricted:latest", "spec|containers|0|securityContext|allowPrivilegeEscalation=true", "allowPrivilegeEscalation != false (container \"a\" must set securityContext.allowPrivilegeEscalation=false)")]
    [InlineData("restricted:v1.24", "spec|os={\"name\":\"windows\"}; spec|containers|0|securityContext|allowPrivilegeEscalation=null", "allowPrivilegeEscalation != false (container \"a\" must set securityContext.allowPrivilegeEscalation=false)")]
    [InlineData("restricted:latest", "spec|containers|0|securityContext|capabilities=null; spec|containers|1|securityContext|capabilities|add=[\"CHOWN\"]", "unrestricted capabilities (container \"a\" must set securityContext.capabilities.drop=[\"ALL\"]; container \"b\" must not include \"CHOWN\" in securityContext.capabilities.add)")]
    [InlineData("restricted:latest", "spec|volumes=[{\"name\":\"v\",\"hostPath\":{\"path\":\"/\"}},{\"name\":\"w\",\"nfs\":{\"server\":\"s\",\"path\":\"/\"}}]", "restricted volume types (volumes \"v\", \"w\" use restricted volume types \"hostPath\", \"nfs\")")]
    [InlineData("restricted:latest", "spec|securityContext|runAsNonRoot=null; spec|containers|1|securityContext|runAsNonRoot=true", "runAsNonRoot != true (pod or container \"a\" must set securityContext.runAsNonRoot=true)")]
    [InlineData("restricted:latest", "spec|securityContext|runAsNonRoot=false; spec|containers|0|securityContext|runAsNonRoot=false", "runAsNonRoot != true (pod and container \"a\" must not set securityContext.runAsNonRoot=false)")]
    [InlineData("restricted:v1.34", "spec|hostUsers=false; spec|securityContext|runAsUser=0", "runAsUser=0 (pod must not set runAsUser=0)")]
    [InlineData("restricted:latest", "spec|containers|0|securityContext|runAsUser=0", "runAsUser=0 (container \"a\" must not set runAsUser=0)")]
    [InlineData("restricted:latest", "spec|securityContext|seccompProfile=null", "seccompProfile (pod or containers \"a\", \"b\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")")]
    [InlineData("restricted:latest", "spec|securityContext=null; spec|containers|0|securityContext=null; spec|hostNetwork=true", "host namespaces (hostNetwork=true), allowPrivilegeEscalation != false (container \"a\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"a\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or containers \"a\", \"b\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or containers \"a\", \"b\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")")]
    public void A_pod_that_does_not_is_told_of_in_upstreams_words(string policy, string changes, string expected) => Assert.Equal(expected, Judge(policy, changes));

    [Theory]
    [InlineData("latest", true)]
    [InlineData("v1.0", true)]
    [InlineData("v1.99", true)]
    [InlineData("v1.01", false)]
    [InlineData("v1.", false)]
    [InlineData("1.25", false)]
    [InlineData("v2.0", false)]
    [InlineData("v1.-1", false)]
    [InlineData("", false)]
    public void A_version_is_the_newest_or_that_of_a_release(string text, bool isVersion)
    {
        Assert.Equal(isVersion, PolicyVersion.TryParse(text, out var version));
        Assert.Equal(isVersion ? text : "latest", version.ToString());
    }

    private static string Judge(string policy, string changes)
    {
        var parts = policy.Split(':');
        Assert.True(LevelVersion.TryParseLevel(parts[0], out var level));
        Assert.True(PolicyVersion.TryParse(parts[1], out var version));
        var pod = ModelJson.Parse<Pod>(Pods.Changed(changes));
        return CheckFailure.Describe(PodSecurityStandards.Evaluate(new LevelVersion(level, version), new CheckedPod(pod.Metadata, pod.Spec)));
    }
}
