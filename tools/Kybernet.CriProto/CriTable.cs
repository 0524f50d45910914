namespace Kybernet.CriProto;

/// <summary>A field of a message, or a value of an enum (its type then is <c>enum-value</c>).</summary>
internal sealed record Field(string Name, int Number, string Type);

/// <summary>A method of a service.</summary>
internal sealed record Method(string Service, string Name, string Request, string Response);

/// <summary>The table: messages and enums by name (nested ones as <c>Outer.Inner</c>), and methods, each in the order of the file.</summary>
internal sealed record CriTable(IReadOnlyDictionary<string, IReadOnlyList<Field>> Types, IReadOnlyList<Method> Methods)
{
    public static CriTable Read(string path)
    {
        var types = new Dictionary<string, List<Field>>();
        var methods = new List<Method>();
        var inMethods = false;
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            var cells = line.Split('\t');
            if (cells[0] == "service")
            {
                inMethods = true;
                continue;
            }
            if (cells.Length < 4)
            {
                continue;
            }
            if (inMethods)
            {
                methods.Add(new Method(cells[0], cells[1], cells[2], cells[3]));
                continue;
            }
            if (!types.TryGetValue(cells[0], out var fields))
            {
                types[cells[0]] = fields = [];
            }
            fields.Add(new Field(cells[1], int.Parse(cells[2]), cells[3]));
        }
        return new CriTable(types.ToDictionary(type => type.Key, type => (IReadOnlyList<Field>)type.Value), methods);
    }
}
