//! Modules that import each other: none of the crates has a circle, other than a file and its parent.
//!
//! Each path that starts in the crate is followed through re-exports to the file that defines its item. A module that
//! re-exports an item of a module within it does not need that item.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::Visit;
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree, Visibility};

/// The path of a module, from the root of its crate: `["policy", "retry"]`.
type ModulePath = Vec<String>;

/// The modules of a crate that have files of their own.
type Modules = BTreeMap<ModulePath, Module>;

/// The names that one file defines, imports and mentions.
#[derive(Debug, Default)]
struct Module {
    /// The items that it defines.
    items: BTreeSet<String>,
    /// The names that it imports, and the paths from which; `*` for each glob.
    imports: Vec<(String, ModulePath)>,
    /// The paths of its re-exports, which are among the imports.
    exports: BTreeSet<ModulePath>,
    /// The paths that it mentions elsewhere.
    mentions: Vec<ModulePath>,
}

/// Collects what one file names, without its tests.
#[derive(Debug, Default)]
struct Reader(Module);

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

impl<'a> Visit<'a> for Reader {
    fn visit_item(&mut self, item: &'a Item) {
        let name = match item {
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Macro(item) => item.ident.as_ref(),
            Item::Static(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            _ => None,
        };
        self.0.items.extend(name.map(ToString::to_string));
        syn::visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, module: &'a ItemMod) {
        // A module within the file has names of its own, and they are the tests' here, or `__private`.
        if !is_for_tests(&module.attrs) && module.ident != "__private" {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, import: &'a ItemUse) {
        if !is_for_tests(&import.attrs) {
            let first = self.0.imports.len();
            flatten(&import.tree, &mut Vec::new(), &mut self.0.imports);
            if !matches!(import.vis, Visibility::Inherited) {
                self.0.exports.extend(self.0.imports[first..].iter().map(|(_, path)| path.clone()));
            }
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let segments: ModulePath = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            self.0.mentions.push(segments);
        }
        syn::visit::visit_path(self, path);
    }
}

fn flatten(tree: &UseTree, path: &mut ModulePath, imports: &mut Vec<(String, ModulePath)>) {
    match tree {
        UseTree::Path(part) => {
            path.push(part.ident.to_string());
            flatten(&part.tree, path, imports);
            path.pop();
        }
        UseTree::Name(part) if part.ident == "self" => {
            imports.push((path.last().cloned().unwrap_or_default(), path.clone()));
        }
        UseTree::Name(part) => imports.push((part.ident.to_string(), joined(path, &part.ident.to_string()))),
        UseTree::Rename(part) => {
            let name = part.ident.to_string();
            let whole = if name == "self" { path.clone() } else { joined(path, &name) };
            imports.push((part.rename.to_string(), whole));
        }
        UseTree::Glob(_) => imports.push(("*".to_owned(), path.clone())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, path, imports)),
    }
}

fn joined(path: &[String], name: &str) -> ModulePath {
    path.iter().cloned().chain([name.to_owned()]).collect()
}

/// Reads the modules under `folder`, which is the module `path`.
fn read(folder: &Path, path: &ModulePath, modules: &mut Modules) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for entry in entries {
        let stem = entry.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        if entry.is_dir() {
            read(&entry, &joined(path, &stem), modules);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            let path = if ["lib", "mod", "main"].contains(&stem.as_str()) {
                path.clone()
            } else {
                joined(path, &stem)
            };
            let text = fs::read_to_string(&entry).expect("a file");
            let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", entry.display()));
            // A file of tests is no part of the crate.
            if !is_for_tests(&file.attrs) {
                let mut reader = Reader::default();
                reader.visit_file(&file);
                modules.insert(path, reader.0);
            }
        }
    }
}

/// The module that defines the item at `path`, as written in the module `from`; `None` for an item of another crate.
fn resolve(modules: &Modules, from: &ModulePath, path: &[String], depth: usize) -> Option<ModulePath> {
    let (mut module, mut rest) = match path.first()?.as_str() {
        "crate" => (Vec::new(), &path[1..]),
        "self" => (from.clone(), &path[1..]),
        "super" => (from[..from.len().checked_sub(1)?].to_vec(), &path[1..]),
        _ => (from.clone(), path),
    };
    let is_relative = !matches!(path[0].as_str(), "crate" | "self" | "super");
    let mut is_first = is_relative;
    while let Some((name, behind)) = rest.split_first() {
        if name == "super" {
            module.pop()?;
            rest = behind;
            continue;
        }
        let child = joined(&module, name);
        if modules.contains_key(&child) {
            module = child;
        } else {
            let here = modules.get(&module)?;
            if here.items.contains(name) {
                return Some(module);
            }
            let imported = here.imports.iter().find(|(import, _)| import == name);
            let found = match imported {
                Some((_, target)) if depth > 0 && *target != path => {
                    let whole: Vec<_> = target.iter().chain(behind).cloned().collect();
                    return resolve(modules, &module, &whole, depth - 1);
                }
                _ => here.imports.iter().filter(|(import, _)| import == "*").find_map(|(_, target)| {
                    let whole: Vec<_> = target.iter().chain(rest).cloned().collect();
                    let found =
                        (depth > 0).then(|| resolve(modules, &module, &whole, depth - 1)).flatten()?;
                    (found != module).then_some(found)
                }),
            };
            return found.or_else(|| (!is_first).then_some(module));
        }
        is_first = false;
        rest = behind;
    }
    Some(module)
}

/// The other modules that each module needs, its parent and its children excepted.
fn graph(modules: &Modules) -> BTreeMap<ModulePath, BTreeSet<ModulePath>> {
    let is_child =
        |one: &ModulePath, other: &ModulePath| one.split_last().is_some_and(|(_, parent)| parent == other);
    let edges = modules.iter().map(|(path, module)| {
        let imports = module.imports.iter().map(|(_, needed)| needed).filter(|needed| {
            let within = resolve(modules, path, needed, 8).is_some_and(|needed| needed.starts_with(path));
            !(within && module.exports.contains(*needed))
        });
        let needed = imports
            .chain(&module.mentions)
            .filter_map(|needed| resolve(modules, path, needed, 8))
            .filter(|needed| needed != path && !is_child(needed, path) && !is_child(path, needed))
            .collect();
        (path.clone(), needed)
    });
    edges.collect()
}

/// A circle through `start`, if there is one.
fn circle(graph: &BTreeMap<ModulePath, BTreeSet<ModulePath>>, start: &ModulePath) -> Option<Vec<ModulePath>> {
    let mut before: BTreeMap<&ModulePath, &ModulePath> = BTreeMap::new();
    let mut waiting = vec![start];
    while let Some(module) = waiting.pop() {
        for next in &graph[module] {
            if next == start {
                let mut way = vec![start.clone(), module.clone()];
                while way.last() != Some(start) {
                    way.push((*before[way.last().expect("it begins somewhere")]).clone());
                }
                way.reverse();
                return Some(way);
            }
            if graph.contains_key(next) && !before.contains_key(next) {
                before.insert(next, module);
                waiting.push(next);
            }
        }
    }
    None
}

/// The circles of the crate whose sources are in `folder`, one for each set of modules, as text.
fn circles(folder: &str) -> Vec<String> {
    let mut modules = Modules::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &Vec::new(), &mut modules);
    assert!(modules.len() > 5, "{folder} has modules");
    let graph = graph(&modules);
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for module in graph.keys() {
        if !seen.contains(module)
            && let Some(way) = circle(&graph, module)
        {
            circles.push(way.iter().map(|module| module.join("::")).collect::<Vec<_>>().join(" -> "));
            seen.extend(way);
        }
    }
    circles
}

#[test]
fn no_crate_has_a_circle() {
    for folder in ["core/src", "serializer/src", "serializer/sqlite/src", "transfer/src", "src", "macros/src"]
    {
        assert_eq!(circles(folder), Vec::<String>::new(), "{folder}");
    }
}

#[test]
fn a_circle_is_found() {
    let module = |items: &[&str], mentions: &[&[&str]]| Module {
        items: items.iter().map(ToString::to_string).collect(),
        mentions: mentions.iter().map(|path| path.iter().map(ToString::to_string).collect()).collect(),
        ..Module::default()
    };
    let path = |path: &str| path.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let mut modules: Modules = [
        (path(""), Module::default()),
        (path("a"), module(&["A"], &[&["crate", "b", "B"], &["std", "fmt"]])),
        (path("b"), Module { imports: vec![("B".to_owned(), path("inner::B"))], ..Module::default() }),
        (path("b::inner"), module(&["B"], &[&["super", "super", "a", "A"]])),
    ]
    .into();
    let graph_before = graph(&modules);
    assert_eq!(circle(&graph_before, &path("a")), Some(vec![path("a"), path("b::inner"), path("a")]));
    modules.insert(path("b::inner"), module(&["B"], &[&["super", "B"]]));
    assert_eq!(circle(&graph(&modules), &path("a")), None);
}
