using System.Net.Sockets;
using System.Text.Json.Nodes;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Admission.Services;

/// <summary>Which address families a Service gets: those that it asks for, and a second one where its policy wants one and the cluster has it.</summary>
internal static class ServiceFamilies
{
    private const string V4 = "IPv4";
    private const string V6 = "IPv6";

    /// <summary>Decides, and writes the decision into the spec.</summary>
    /// <param name="spec">The Service's spec.</param>
    /// <param name="hasRange">Whether the cluster has addresses of a family.</param>
    /// <param name="refuse">Makes the error for a field, its value as a message shows it, and what is wrong with it.</param>
    public static IReadOnlyList<AddressFamily> Resolve(JsonObject spec, Func<AddressFamily, bool> hasRange, Func<string, string, string, ApiError> refuse)
    {
        var names = (spec["ipFamilies"] as JsonArray ?? []).Select(static family => (string?)family ?? "").ToList();
        if (names.Count == 0)
        {
            names.Add(hasRange(AddressFamily.InterNetwork) ? V4 : V6);
        }
        var policy = (string?)spec["ipFamilyPolicy"];
        if (names.Count == 1 && policy is "PreferDualStack" or "RequireDualStack")
        {
            names.Add(names[0] == V4 ? V6 : V4);
        }
        for (var i = names.Count - 1; i >= 0; i--)
        {
            if (hasRange(FamilyOf(names[i])))
            {
                continue;
            }
            if (policy == "RequireDualStack")
            {
                throw refuse("ipFamilyPolicy", $"\"{policy}\"", "this cluster is not configured for dual-stack services");
            }
            if (i == 0)
            {
                throw refuse("ipFamilies[0]", $"\"{names[0]}\"", "not configured on this cluster");
            }
            names.RemoveAt(i);
        }
        spec["ipFamilies"] = new JsonArray([.. names.Select(static name => (JsonNode)JsonValue.Create(name))]);
        return [.. names.Select(FamilyOf)];
    }

    private static AddressFamily FamilyOf(string name) => name == V6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
}
