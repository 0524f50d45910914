using Kybernet.Api.Core.V1;

namespace Kybernet.Cluster.Kubelets;

/// <summary>Reads what flags say of a node.</summary>
internal static class NodeFlags
{
    private static readonly string[] Effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

    /// <summary>Labels, as in <c>disk=ssd,zone=a</c>.</summary>
    /// <exception cref="FormatException">They are none.</exception>
    public static Dictionary<string, string> Labels(string text)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (item.Split('=', 2) is not [{ Length: > 0 } name, var value])
            {
                throw new FormatException($"invalid label \"{item}\": a label is written as in disk=ssd");
            }
            labels[name] = value;
        }
        return labels;
    }

    /// <summary>Taints, as in <c>dedicated=db:NoSchedule,slow=:NoExecute</c>.</summary>
    /// <exception cref="FormatException">They are none.</exception>
    public static IReadOnlyList<Taint> Taints(string text)
    {
        var taints = new List<Taint>();
        foreach (var item in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = item.LastIndexOf(':');
            var effect = item[(colon + 1)..];
            if (colon <= 0 || !Effects.Contains(effect))
            {
                throw new FormatException($"invalid taint spec: {item}");
            }
            var parts = item[..colon].Split('=', 2);
            taints.Add(new Taint { Key = parts[0], Value = parts.Length > 1 && parts[1].Length > 0 ? parts[1] : null, Effect = effect });
        }
        return taints;
    }
}
