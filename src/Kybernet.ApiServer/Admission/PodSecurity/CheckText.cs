namespace Kybernet.ApiServer.Admission.PodSecurity;

/// <summary>The turns of phrase that checks have in common.</summary>
internal static class CheckText
{
    /// <summary>Names, each in quotation marks.</summary>
    public static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(static name => $"\"{name}\""));

    /// <summary>One word or the other, by how many there are.</summary>
    public static string Number(int count, string one, string many) => count == 1 ? one : many;

    /// <summary>As in <c>containers "a", "b"</c>.</summary>
    public static string Containers(IReadOnlyCollection<string> names) => $"{Number(names.Count, "container", "containers")} {Quoted(names)}";

    /// <summary>Who set something: as in <c>pod and container "a"</c>.</summary>
    public static string Setters(bool pod, IReadOnlyCollection<string> containers) =>
        string.Join(" and ", ((string?[])[pod ? "pod" : null, containers.Count > 0 ? Containers(containers) : null]).OfType<string>());
}
