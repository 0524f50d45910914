using System.Text;

namespace Kybernet.Facts;

/// <summary>
/// Writes every resource and subresource as a line: group, version, resource, scope, group/version/kind, verbs, short names, categories
/// (<c>-</c> where there is none).
/// </summary>
internal static class ResourceFacts
{
    /// <summary>What came or changed after v1.20, the last release whose names table is at hand.</summary>
    private static readonly Dictionary<string, (string ShortNames, string Categories)> Newer = new()
    {
        ["autoscaling/v2 horizontalpodautoscalers"] = ("hpa", "all"),
        ["batch/v1 cronjobs"] = ("cj", "all"),
        ["policy/v1 poddisruptionbudgets"] = ("pdb", "-"),
        ["networking.k8s.io/v1 ipaddresses"] = ("ip", "-"),
        ["networking.k8s.io/v1beta1 ipaddresses"] = ("ip", "-"),
        ["storage.k8s.io/v1 volumeattributesclasses"] = ("vac", "-"),
        ["storage.k8s.io/v1beta1 volumeattributesclasses"] = ("vac", "-"),
        ["certificates.k8s.io/v1beta1 podcertificaterequests"] = ("pcr", "-"),
        ["admissionregistration.k8s.io/v1 validatingadmissionpolicies"] = ("-", "api-extensions"),
        ["admissionregistration.k8s.io/v1 validatingadmissionpolicybindings"] = ("-", "api-extensions"),
        ["admissionregistration.k8s.io/v1 mutatingadmissionpolicies"] = ("-", "api-extensions"),
        ["admissionregistration.k8s.io/v1 mutatingadmissionpolicybindings"] = ("-", "api-extensions"),
        ["admissionregistration.k8s.io/v1beta1 mutatingadmissionpolicies"] = ("-", "api-extensions"),
        ["admissionregistration.k8s.io/v1beta1 mutatingadmissionpolicybindings"] = ("-", "api-extensions"),
        ["admissionregistration.k8s.io/v1alpha1 mutatingadmissionpolicies"] = ("-", "api-extensions"),
        ["admissionregistration.k8s.io/v1alpha1 mutatingadmissionpolicybindings"] = ("-", "api-extensions"),
    };

    public static string Compact(string resourcesPath, string namesPath)
    {
        var names = Rows(namesPath).ToDictionary(row => $"{row[0]} {row[1]}", row => (Or(row, 4), Or(row, 5)));
        foreach (var (key, value) in Newer)
        {
            names[key] = value;
        }
        var text = new StringBuilder();
        foreach (var row in Rows(resourcesPath))
        {
            var group = row[0] == "core" ? "" : row[0];
            var key = (group.Length == 0 ? row[1] : $"{group}/{row[1]}") + " " + row[2];
            var (shortNames, categories) = names.GetValueOrDefault(key, ("-", "-"));
            var scope = row[3] == "true" ? "namespaced" : "cluster";
            text.AppendJoin(' ', group.Length == 0 ? "-" : group, row[1], row[2], scope, row[4], row[5], shortNames, categories).Append('\n');
        }
        return text.ToString();
    }

    private static IEnumerable<string[]> Rows(string path) => File.ReadLines(path).Skip(1).Select(line => line.Split('\t'));

    private static string Or(string[] row, int column) => column < row.Length && row[column].Length > 0 ? row[column] : "-";
}
