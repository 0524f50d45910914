using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Admission;
using Kybernet.Kubelet.Pods;

namespace Kybernet.Kubelet.Tests.Admission;

public sealed class SysctlAdmissionTests
{
    [Theory]
    [InlineData("kernel.shm_rmid_forced", null)]
    [InlineData("net/ipv4/ip_local_port_range", null)]
    [InlineData("kernel.msgmax", "forbidden sysctl: \"kernel.msgmax\" not allowlisted")]
    public void Only_safe_sysctls_are_let_in(string name, string? message)
    {
        var pod = new Pod { Spec = new PodSpec { Containers = [], SecurityContext = new PodSecurityContext { Sysctls = [new Sysctl { Name = name, Value = "1" }] } } };

        Assert.Equal(message, SysctlAdmission.FindProblem(pod)?.Message);
    }

    [Fact]
    public void A_sysctl_of_the_network_is_refused_in_the_hosts_network()
    {
        var context = new PodSecurityContext { Sysctls = [new Sysctl { Name = "net.ipv4.tcp_syncookies", Value = "1" }] };
        var pod = new Pod { Spec = new PodSpec { Containers = [], HostNetwork = true, SecurityContext = context } };

        Assert.Equal(
            new StartProblem("SysctlForbidden", "forbidden sysctl: \"net.ipv4.tcp_syncookies\" not allowed with host net enabled"), SysctlAdmission.FindProblem(pod));
    }
}
