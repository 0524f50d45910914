using System.Text;
using System.Text.Json.Nodes;

namespace Kybernet.Client.Tests;

/// <summary>Says that the few resources are served that the tests are about.</summary>
internal static class FakeDiscovery
{
    public static ApiReply? Answer(string path) => path switch
    {
        "/api/v1" => Reply(Resources(
            ("pods", "Pod", true), ("configmaps", "ConfigMap", true), ("serviceaccounts", "ServiceAccount", true), ("secrets", "Secret", true),
            ("events", "Event", true), ("persistentvolumeclaims", "PersistentVolumeClaim", true), ("namespaces", "Namespace", false), ("nodes", "Node", false))),
        "/apis" => Reply(new JsonObject { ["groups"] = new JsonArray(new JsonObject
        {
            ["name"] = "apps",
            ["versions"] = new JsonArray(new JsonObject { ["groupVersion"] = "apps/v1" }),
            ["preferredVersion"] = new JsonObject { ["groupVersion"] = "apps/v1" },
        }) }),
        "/apis/apps/v1" => Reply(Resources(("deployments", "Deployment", true), ("replicasets", "ReplicaSet", true))),
        _ => null,
    };

    private static ApiReply Reply(JsonObject body) => new(200, Encoding.UTF8.GetBytes(body.ToJsonString()));

    private static JsonObject Resources(params (string Name, string Kind, bool IsNamespaced)[] resources)
    {
        var list = new JsonArray();
        foreach (var (name, kind, isNamespaced) in resources)
        {
            list.Add(new JsonObject
            {
                ["name"] = name,
                ["kind"] = kind,
                ["namespaced"] = isNamespaced,
                ["verbs"] = new JsonArray("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"),
            });
        }
        return new JsonObject { ["resources"] = list };
    }
}
