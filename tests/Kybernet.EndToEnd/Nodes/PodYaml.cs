namespace Kybernet.EndToEnd.Nodes;

/// <summary>The pods that the tests of a node's behaviour are made of.</summary>
internal static class PodYaml
{
    public const string Image = "kybernet.local/web:1.0";

    /// <summary>A pod with one container, <c>main</c>, that runs a shell script once.</summary>
    /// <param name="script">The script, of one line.</param>
    /// <param name="container">More fields of the container, each on a line of its own.</param>
    /// <param name="pod">More fields of the spec.</param>
    /// <param name="name">The pod's name.</param>
    public static string Script(string script, string container = "", string pod = "", string name = "pod") =>
        Command($"[sh, -c, {Quoted(script)}]", container, pod, name);

    /// <summary>A pod with one container, <c>main</c>, that runs a command once.</summary>
    public static string Command(string command, string container = "", string pod = "", string name = "pod") => $"""
        apiVersion: v1
        kind: Pod
        metadata: {"{"}name: {name}, labels: {"{"}app: {name}{"}"}{"}"}
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 5
        {Indented(pod, 2)}
          containers:
          - name: main
            image: {Image}
            command: {command}
        {Indented(container, 4)}
        """;

    /// <summary>A pod with the example's web server, which listens on port 8080 and is restarted where it ends.</summary>
    public static string Web(string container = "", string pod = "", string name = "pod") => $"""
        apiVersion: v1
        kind: Pod
        metadata: {"{"}name: {name}, labels: {"{"}app: {name}{"}"}{"}"}
        spec:
          terminationGracePeriodSeconds: 5
        {Indented(pod, 2)}
          containers:
          - name: main
            image: {Image}
            ports: [{"{"}name: http, containerPort: 8080{"}"}]
        {Indented(container, 4)}
        """;

    /// <summary>A shell script as a YAML scalar.</summary>
    public static string Quoted(string script) => $"'{script.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Indented(string text, int spaces) =>
        string.Join('\n', text.Split('\n').Select(line => line.Length == 0 ? line : new string(' ', spaces) + line));
}
