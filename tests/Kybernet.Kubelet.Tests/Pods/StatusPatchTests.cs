using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Pods;

namespace Kybernet.Kubelet.Tests.Pods;

public sealed class StatusPatchTests
{
    private static readonly PodStatus Old = new()
    {
        Phase = "Pending",
        Message = "x",
        PodIPs = [new PodIP { Ip = "1.1.1.1" }],
        Conditions = [new PodCondition { Type = "Ready", Status = "False", Reason = "ContainersNotReady" }, new PodCondition { Type = "theirs", Status = "True" }],
    };

    [Fact]
    public void The_same_status_needs_no_patch() => Assert.Null(StatusPatch.Build("uid", Old, Old with { Conditions = [Old.Conditions[1], Old.Conditions[0]] }));

    [Fact]
    public void Only_what_changed_is_written_what_is_gone_is_nulled_and_others_conditions_are_left()
    {
        var patch = StatusPatch.Build("uid", Old, new PodStatus
        {
            Phase = "Running",
            PodIPs = [new PodIP { Ip = "2.2.2.2" }],
            Conditions = [new PodCondition { Type = "Ready", Status = "True" }],
        })!;

        Assert.Equal("application/strategic-merge-patch+json", patch.ContentType);
        var expected = JsonNode.Parse("""
            { "metadata": { "uid": "uid" },
              "status": { "phase": "Running", "podIPs": [ { "$patch": "replace" }, { "ip": "2.2.2.2" } ], "message": null,
                "conditions": [ { "type": "Ready", "status": "True", "reason": null } ] } }
            """);
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(patch.Body.Span)), System.Text.Encoding.UTF8.GetString(patch.Body.Span));
    }
}
