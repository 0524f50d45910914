// Turns the tables of API facts into the compact text that Kybernet.Api embeds and its generator reads.
//   dotnet run --project tools/Kybernet.Facts -- FACTS-FOLDER src/Kybernet.Api/Facts
using Kybernet.Facts;

if (args is not [var facts, var destination])
{
    Console.Error.WriteLine("usage: Kybernet.Facts FACTS-FOLDER DESTINATION-FOLDER");
    return 2;
}

Directory.CreateDirectory(destination);
File.WriteAllText(Path.Combine(destination, "types.txt"), TypeFacts.Compact(Path.Combine(facts, "types-v1.36.json")));
File.WriteAllText(
    Path.Combine(destination, "resources.txt"),
    ResourceFacts.Compact(Path.Combine(facts, "resources-v1.36.tsv"), Path.Combine(facts, "names-v1.20.tsv")));
File.WriteAllText(Path.Combine(destination, "protobuf.txt"), ProtobufFacts.Compact(Path.Combine(facts, "protobuf-v1.36.tsv")));
return 0;
