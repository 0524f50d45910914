namespace Kybernet.EndToEnd.Fixture;

/// <summary>Where things are in the source tree that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The published native program, or the one that <c>KYBERNET_PROGRAM</c> names.</summary>
    public static string Program { get; } = Environment.GetEnvironmentVariable("KYBERNET_PROGRAM") ?? Directory.EnumerateFiles(Path.Combine(Root, "artifacts"), "kybernet", SearchOption.AllDirectories).FirstOrDefault()
        ?? throw new FileNotFoundException("the program is not published: ./kybernet --publish-only");

    public static string Example(string name) => Path.Combine(Root, "examples", name);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Kybernet.slnx")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("the tests do not lie inside the source tree");
        }
        return folder.FullName;
    }
}
