using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Pods;

namespace Kybernet.Kubelet.Tests.Pods;

public sealed class RestartRulesTests
{
    [Theory]
    [InlineData("Never", 42, true)]
    [InlineData("Never", 1, false)]
    [InlineData("OnFailure", 1, true)]
    [InlineData("OnFailure", 0, false)]
    [InlineData("Always", 0, true)]
    public void The_first_rule_that_fits_an_exit_code_comes_before_the_policy(string policy, int exitCode, bool restarts)
    {
        var container = new Container
        {
            Name = "a",
            RestartPolicy = policy,
            RestartPolicyRules =
            [
                new ContainerRestartRule { Action = "Restart", ExitCodes = new ContainerRestartRuleOnExitCodes { Operator = "In", Values = [42] } },
            ],
        };

        Assert.Equal(restarts, RestartRules.Restarts(new Pod(), new PodContainer(container, ContainerKind.App), exitCode));
    }
}
