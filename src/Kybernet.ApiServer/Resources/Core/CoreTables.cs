using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>How the smaller kinds of the core group are shown.</summary>
internal static class CoreTables
{
    public static TableDefinition Endpoints { get; } = new(
        [Columns.Name, Columns.Text("Endpoints", "The addresses and ports behind the service."), Columns.Age],
        static (item, now) =>
        {
            var endpoints = item.As<Endpoints>();
            return [endpoints.Metadata.Name, Addresses(endpoints), Columns.AgeOf(endpoints.Metadata, now)];
        });

    public static TableDefinition ResourceQuotas { get; } = new(
        [
            Columns.Name,
            Columns.Text("Request", "What is requested of what may be."),
            Columns.Text("Limit", "What is limited of what may be."),
            Columns.Age,
        ],
        static (item, now) =>
        {
            var quota = item.As<ResourceQuota>();
            var limits = Used(quota, isLimit: true);
            return [quota.Metadata.Name, Used(quota, isLimit: false), limits, Columns.AgeOf(quota.Metadata, now)];
        });

    public static TableDefinition PodTemplates { get; } = new(
        [
            Columns.Name,
            Columns.Text("Containers", "Names of each container in the template."),
            Columns.Text("Images", "Images referenced by each container in the template."),
            Columns.Text("Pod Labels", "The labels for the pod template."),
        ],
        static (item, _) =>
        {
            var template = item.As<PodTemplate>();
            return
            [
                template.Metadata.Name, Columns.ContainerNames(template.Template), Columns.ContainerImages(template.Template),
                LabelRules.Format((template.Template ?? PodTemplateSpec.Empty).Metadata.Labels),
            ];
        });

    public static TableDefinition ComponentStatuses { get; } = new(
        [
            Columns.Name,
            Columns.Text("Status", "Status of the component conditions"),
            Columns.Text("Message", "Message of the component conditions"),
            Columns.Text("Error", "Error of the component conditions"),
        ],
        static (item, _) =>
        {
            var component = item.As<ComponentStatus>();
            var healthy = component.Conditions.FirstOrDefault(condition => condition.Type == "Healthy");
            return
            [
                component.Metadata.Name, healthy is null ? "Unknown" : healthy.Status == "True" ? "Healthy" : "Unhealthy", healthy?.Message ?? "",
                healthy?.Error ?? "",
            ];
        });

    private static string Addresses(Endpoints endpoints)
    {
        const int Max = 3;
        var shown = new List<string>(Max);
        var count = 0;
        foreach (var subset in endpoints.Subsets)
        {
            foreach (var address in subset.Addresses)
            {
                foreach (var port in subset.Ports.Select(port => (int?)port.Port).DefaultIfEmpty(null))
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
