namespace Kybernet.EndToEnd.Fixture;

/// <summary>
/// A source tree with the real scripts and next to nothing else, and a machine on which only the programs exist that a test gives it: what the scripts do there
/// installs and builds nothing.
/// </summary>
internal sealed class SourceTree : IDisposable
{
    private static readonly string[] Basics =
        ["bash", "cat", "chmod", "cut", "dirname", "echo", "env", "find", "flock", "grep", "head", "mkdir", "mktemp", "rm", "sha256sum", "sort", "tail", "uname", "xargs"];

    private readonly string _root = Directory.CreateTempSubdirectory("kybernet-tree-").FullName;

    public SourceTree()
    {
        foreach (var folder in (ReadOnlySpan<string>)["bin", "tools", "src", "images"])
        {
            Directory.CreateDirectory(Path.Combine(_root, folder));
        }
        foreach (var script in (ReadOnlySpan<string>)["kybernet", "tools/install-packages"])
        {
            File.Copy(Path.Combine(Repository.Root, script), Path.Combine(_root, script));
        }
        foreach (var file in (ReadOnlySpan<string>)["Directory.Build.props", "Directory.Packages.props", "Native.props", "global.json", ".editorconfig", "src/Program.cs"])
        {
            File.WriteAllText(Path.Combine(_root, file), "");
        }
        foreach (var program in Basics)
        {
            File.CreateSymbolicLink(Path.Combine(_root, "bin", program), $"/usr/bin/{program}");
        }
        Calls = Path.Combine(_root, "calls");
        File.WriteAllText(Calls, "");
        Give("id", "echo 0");
        Give("dpkg-query", "echo installed");
    }

    /// <summary>A file to which the programs of <see cref="Give"/> may write what they were asked.</summary>
    private string Calls { get; }

    /// <summary>What was asked of programs that note it, a line each.</summary>
    public string[] Called => File.ReadAllLines(Calls);

    /// <summary>Puts a program on the machine, given as a script, in the place of one of the same name. <c>$CALLS</c> is the file to note calls in.</summary>
    public void Give(string program, string script)
    {
        var file = Path.Combine(_root, "bin", program);
        File.WriteAllText(file, $"#!/usr/bin/bash\nCALLS={Calls}\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Puts an SDK on the machine, whose <c>publish</c> makes a program that repeats its arguments.</summary>
    public void GiveSdk(string version) => Give("dotnet", $$"""
        if [ "$1" = --list-sdks ]; then echo "{{version}} [/usr/share/dotnet/sdk]"; exit; fi
        echo "dotnet $1" >>$CALLS
        while [ "$1" != --output ]; do shift; done
        printf '#!/usr/bin/bash\necho "ran: $*"\n' >"$2/kybernet"
        chmod +x "$2/kybernet"
        """);

    /// <summary>Changes a source file.</summary>
    public void ChangeSources() => File.AppendAllText(Path.Combine(_root, "src/Program.cs"), "// changed\n");

    /// <summary>Runs a script of the tree.</summary>
    public Task<Result> RunAsync(CancellationToken cancellationToken, string script, params string[] arguments) =>
        Shell.RunAsync(
            Path.Combine(_root, script), arguments, "", new Dictionary<string, string> { ["PATH"] = Path.Combine(_root, "bin") }, cancellationToken);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
