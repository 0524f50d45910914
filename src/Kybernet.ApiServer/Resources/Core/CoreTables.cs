using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>How the smaller kinds of the core group are shown.</summary>
internal static class CoreTables
{
    public static TableDefinition Endpoints { get; } = TableBuilder.For<Endpoints>()
        .Name()
        .Text("Endpoints", "The addresses and ports behind the service.", Addresses)
        .Age()
        .Build();

    public static TableDefinition ResourceQuotas { get; } = TableBuilder.For<ResourceQuota>()
        .Name()
        .Text("Request", "What is requested of what may be.", static item => Used(item, isLimit: false))
        .Text("Limit", "What is limited of what may be.", static item => Used(item, isLimit: true))
        .Age()
        .Build();

    public static TableDefinition PodTemplates { get; } = TableBuilder.For<PodTemplate>()
        .Name()
        .Containers(static item => item.Template, wide: false)
        .Text("Pod Labels", "The labels for the pod template.", static item => LabelRules.Format((item.Template ?? PodTemplateSpec.Empty).Metadata.Labels))
        .Build();

    public static TableDefinition ComponentStatuses { get; } = TableBuilder.For<ComponentStatus>()
        .Name()
        .Text("Status", "Status of the component conditions", static item => Healthy(item) switch
        {
            null => "Unknown",
            { Status: "True" } => "Healthy",
            _ => "Unhealthy",
        })
        .Text("Message", "Message of the component conditions", static item => Healthy(item)?.Message ?? "")
        .Text("Error", "Error of the component conditions", static item => Healthy(item)?.Error ?? "")
        .Build();

    private static ComponentCondition? Healthy(ComponentStatus component) =>
        component.Conditions.FirstOrDefault(condition => condition.Type == "Healthy");

    private static string Addresses(Endpoints endpoints)
    {
        const int Max = 3;
        var shown = new List<string>(Max);
        var count = 0;
        // Port by port, as upstream does: the first ones are those that are shown.
        foreach (var subset in endpoints.Subsets)
        {
            foreach (var port in subset.Ports.Select(port => (int?)port.Port).DefaultIfEmpty(null))
            {
                foreach (var address in subset.Addresses)
                {
                    if (count++ < Max)
                    {
                        var host = address.Ip.Contains(':') && port is not null ? $"[{address.Ip}]" : address.Ip;
                        shown.Add(port is null ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}"));
                    }
                }
            }
        }
        var text = string.Join(",", shown);
        return count == 0 ? "<none>" : count > Max ? string.Create(CultureInfo.InvariantCulture, $"{text} + {count - Max} more...") : text;
    }

    private static string Used(ResourceQuota quota, bool isLimit) => string.Join(", ", quota.Status.Hard
        .Where(entry => entry.Key.StartsWith("limits.", StringComparison.Ordinal) == isLimit)
        .OrderBy(entry => entry.Key, StringComparer.Ordinal)
        .Select(entry => $"{entry.Key}: {(quota.Status.Used.TryGetValue(entry.Key, out var used) ? used : Quantity.Zero)}/{entry.Value}"));
}
